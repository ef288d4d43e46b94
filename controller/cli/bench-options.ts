/**
 * What both `controller bench run` and `controller bench sweep` can be told: where, under which limits, which load. From words to values.
 */

import { type BenchLimits, DEADLINE_MS_MAX, type PageCache, pageCaches } from '../../mesh/bench/order.ts';
import { parseBytes } from '../../mesh/bytes.ts';
import type { OptionValues } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import type { LoadSettings, Scenario } from '../../mesh/loadgen/scenario.ts';
import { count, oneOf, positiveNumber, wholeNumber } from './options.ts';

export const placeKinds = { on: 'text', nats: 'text', mesh: 'text', data: 'text', json: 'flag' } as const;

export const placeHelp = `  --on DEVICE          a device's name, or its agent's HOST:PORT (default: the only one of the mesh; without a mesh this machine)
  --nats URL           the mesh's NATS server, to find a device by its name (default: NATS_URL)
  --mesh NAME          which mesh of several that share the server (default: default)
  --beside-stages      also while stages are on the device; otherwise it waits, and the device takes none meanwhile
  --refuse             don't wait when the device is busy
  --timeout SECONDS    kill a run that takes longer (default: twice its longest measuring, and a minute)`;

export const busyKinds = { 'beside-stages': 'flag', refuse: 'flag', timeout: 'text' } as const;

export const limitKinds = {
  memory: 'text',
  'memory-high': 'text',
  swap: 'text',
  cpu: 'text',
  cpus: 'text',
  pids: 'text',
} as const;

export const modelKinds = { model: 'text', mode: 'text', threads: 'text', seed: 'text' } as const;

export const loadKinds = {
  scenario: 'text',
  samples: 'text',
  rate: 'text',
  bound: 'text',
  percentile: 'text',
  duration: 'text',
  'duration-max': 'text',
  queries: 'text',
  official: 'flag',
} as const;

export const modelHelp = `  --model MODEL        a name (resnet18, mobilenetv2, …) or the path of an .onnx file
  --mode MODE          infer (default) or train
  --threads N          threads that ONNX Runtime computes with (default: whole cores that the limit leaves)
  --seed N             of inputs and arrivals; of weights, data and their order (default 0)`;

export const loadHelp = `  --scenario NAME      single-stream (default), multi-stream, server or offline, as MLPerf defines them
  --samples N          samples of a query (multi-stream, default 8) or of a call (offline, default 1)
  --rate N             server: queries per second, at random times; with --find-peak where the search begins
  --bound MS           server: what a query may take
  --percentile P       which latency is reported, or has to be within the bound (default 90; server and multi-stream 99)
  --duration SECONDS   measure at least so long
  --duration-max SECONDS  and at most so long
  --queries N          measure at least so many queries (offline: samples)
  --official           MLPerf's own minimum: 600 s, and 24576 samples offline`;

/** MLPerf Inference Rules, "Scenarios". */
const OFFICIAL_MS = 600_000;
const OFFICIAL_OFFLINE_SAMPLES = 24_576;
const SAMPLES_PER_QUERY = 8;

export type LimitValues = OptionValues<typeof limitKinds>;
export type LoadValues = OptionValues<typeof loadKinds>;

/** Error `usage` for a limit that is none. */
export function parseLimits(values: LimitValues): BenchLimits {
  const size = (option: keyof LimitValues): number | undefined =>
    values[option] === undefined ? undefined : sizeOf(`--${option}`, values[option]);
  const memoryLimitBytes = size('memory');
  const memoryHighBytes = size('memory-high');
  const swapBytes = values.swap === '0' ? 0 : size('swap');
  if (swapBytes !== undefined && memoryLimitBytes === undefined)
    throw new MeshError('usage', '--swap says how much there is beyond --memory, which is missing');
  if (values.cpus !== undefined && !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(values.cpus))
    throw new MeshError('usage', `--cpus: "${values.cpus}" is no list of CPUs: expected for example 0-1,3`);
  return {
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    ...(memoryHighBytes === undefined ? {} : { memoryHighBytes }),
    ...(swapBytes === undefined ? {} : { swapBytes }),
    ...(values.cpu === undefined ? {} : { cpuQuotaCores: positiveNumber('--cpu', values.cpu) }),
    ...(values.cpus === undefined ? {} : { cpus: values.cpus }),
    ...(values.pids === undefined ? {} : { pids: count('--pids', values.pids, 1) }),
  };
}

/** Bytes. Error `usage`. */
export function sizeOf(option: string, text: string): number {
  try {
    return parseBytes(text);
  } catch (error) {
    throw new MeshError('usage', `${option}: ${MeshError.from(error).message}`, { cause: error });
  }
}

export function parsePageCache(option: string, text: string): PageCache {
  return oneOf(option, text, pageCaches);
}

/** How long when nobody says: a result in a minute, or one of many runs. */
export interface LoadDefaults {
  readonly durationMs: number;
  readonly durationMsMax: number;
}

/** Error `usage` for settings that make no sense together. */
export function parseLoad(values: LoadValues, defaults: LoadDefaults): LoadSettings {
  const scenario = parseScenario(values);
  const percentile =
    values.percentile === undefined ? (hasManyQueries(scenario) ? 99 : 90) : positiveNumber('--percentile', values.percentile);
  if (percentile < 1 || percentile >= 100)
    throw new MeshError('usage', `--percentile: ${percentile} is not between 1 and 100`, { hint: 'it is in per cent: 90, 99, 99.9' });
  const official = values.official === true;
  const seconds = (option: 'duration' | 'duration-max'): number | undefined =>
    values[option] === undefined ? undefined : positiveNumber(`--${option}`, values[option]) * 1000;
  const most = seconds('duration-max');
  const durationMsMin = seconds('duration') ?? (official ? OFFICIAL_MS : Math.min(defaults.durationMs, most ?? Number.POSITIVE_INFINITY));
  const durationMsMax = most ?? Math.max(defaults.durationMsMax, 2 * durationMsMin);
  if (durationMsMax < durationMsMin)
    throw new MeshError('usage', `--duration-max is below ${official ? "MLPerf's minimum of 600 s (--official)" : '--duration'}`);
  const least = official && scenario.kind === 'offline' ? OFFICIAL_OFFLINE_SAMPLES : 1;
  const queriesMin = values.queries === undefined ? least : wholeNumber('--queries', values.queries, 1);
  return { scenario, percentile: percentile / 100, durationMsMin, durationMsMax, queriesMin };
}

/** 0: as many as whole cores are available. */
export function parseThreads(text: string | undefined): number {
  return text === undefined ? 0 : count('--threads', text, 1);
}

/** Of inputs and arrivals. */
export function parseSeed(text: string | undefined): number {
  return text === undefined ? 0 : count('--seed', text, 0);
}

/** A run that takes longer than this is not slow any more, it hangs. Milliseconds. */
export function deadlineOf(text: string | undefined, measuringMsMax: number): number {
  if (text === undefined) return Math.min(DEADLINE_MS_MAX, 2 * measuringMsMax + 60_000);
  const ms = Math.ceil(positiveNumber('--timeout', text) * 1000);
  if (ms > DEADLINE_MS_MAX)
    throw new MeshError('usage', `--timeout: ${text} seconds are more than ${Math.floor(DEADLINE_MS_MAX / 1000)} (24 days)`);
  return ms;
}

function parseScenario(values: LoadValues): Scenario {
  const kind = oneOf('--scenario', values.scenario ?? 'single-stream', ['single-stream', 'multi-stream', 'server', 'offline'] as const);
  const alien = (['samples', 'rate', 'bound'] as const).find((option) => values[option] !== undefined && !takes(kind, option));
  if (alien !== undefined) throw new MeshError('usage', `--${alien} says nothing in scenario ${kind}`);
  const samples = values.samples === undefined ? undefined : count('--samples', values.samples, 1);
  switch (kind) {
    case 'single-stream':
      return { kind };
    case 'multi-stream':
      return { kind, samplesPerQuery: samples ?? SAMPLES_PER_QUERY };
    case 'offline':
      return { kind, samplesPerCall: samples ?? 1 };
    case 'server':
      if (values.rate === undefined || values.bound === undefined)
        throw new MeshError('usage', 'scenario server wants --rate and --bound', { hint: 'for example --rate 20 --bound 100' });
      return { kind, queriesPerS: positiveNumber('--rate', values.rate), boundMs: positiveNumber('--bound', values.bound) };
  }
}

function takes(kind: Scenario['kind'], option: 'samples' | 'rate' | 'bound'): boolean {
  return option === 'samples' ? kind === 'multi-stream' || kind === 'offline' : kind === 'server';
}

function hasManyQueries({ kind }: Scenario): boolean {
  return kind === 'server' || kind === 'multi-stream';
}
