/** One benchmark run for a person: how it ended, what it measured, what it used, and on what. What is not known is said to be unknown. */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import type { BenchEnvironment, BenchRecord } from '../../mesh/bench/record.ts';
import { type ResourceUse, type UseField, type UseName, useFields, useNames } from '../../mesh/bench/use.ts';
import type { LoadFigures } from '../../mesh/loadgen/figures.ts';
import type { Scenario } from '../../mesh/loadgen/scenario.ts';
import { bytes, duration, threeDigits } from '../text/format.ts';
import { wrapped } from '../text/wrap.ts';
import { trainingLines } from './training-text.ts';

const unknown = 'unknown';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;

/** `terminalColumns`: its width. */
export function benchText(title: string, record: BenchRecord, terminalColumns: number): string {
  const columns = Math.min(terminalColumns, WIDTH_MAX);
  const { outcome, limits, warnings, environment, use, load, training, metrics, lastWords, metricsLost } = record;
  const why = outcome.kind === 'refused' ? `: ${outcome.why}` : '';
  const words =
    outcome.kind === 'ok' || lastWords === '' ? [] : wrapped('last words', lastWords.split('\n').slice(-3).join(' · '), columns);
  const lines = [
    `${title}  run ${record.run}`,
    ...wrapped('outcome', `${formatOutcome(outcome)}${why}`, columns),
    ...words,
    ...warnings.flatMap((warning) => wrapped('warning', warning, columns)),
    ...(load === undefined ? [] : loadLines(load, columns)),
    ...(training === undefined ? [] : trainingLines(training, columns)),
    ...metrics
      .slice(-METRICS_SHOWN)
      .flatMap(({ name, value, unit, labels }) => wrapped('metric', metricText(name, value, unit, labels), columns)),
    ...(metrics.length > METRICS_SHOWN
      ? wrapped('', `${metrics.length - METRICS_SHOWN} metrics before these: --json has all`, columns)
      : []),
    ...(metricsLost > 0 ? wrapped('', `${metricsLost} metrics were refused or too many`, columns) : []),
    '',
    ...wrapped('limits', limitsText(limits), columns),
    ...useLines(use, columns),
    '',
    ...deviceLines(environment, columns),
  ];
  return `${lines.join('\n')}\n`;
}

const METRICS_SHOWN = 20;
const TITLE_WIDTH = Math.max(...Object.values(useFields).map(({ title }) => title.length));

/** One line for each that is known; the others together, so that what a device tells can be seen at a glance. */
function useLines(use: ResourceUse, columns: number): string[] {
  const known = useNames.filter((name) => use[name] !== undefined);
  const missing = useNames.filter((name) => use[name] === undefined).map((name) => useFields[name].title);
  return [
    ...known.map(
      (name, index) =>
        wrapped(index === 0 ? 'used' : '', `${useFields[name].title.padEnd(TITLE_WIDTH)}  `, Number.POSITIVE_INFINITY)[0]! +
        amount(name, use[name]!),
    ),
    ...(missing.length === 0 ? [] : wrapped(unknown, missing.join(', '), columns)),
  ];
}

/** Of what it was limited by. */
export function limitsText({ memoryLimitBytes, memoryHighBytes, swapBytes = 0, cpuQuotaCores, cpus, pids }: BenchLimits): string {
  const parts = [
    ...(memoryLimitBytes === undefined
      ? []
      : [`memory ${bytes(memoryLimitBytes)}`, swapBytes === 0 ? 'no swap' : `swap ${bytes(swapBytes)}`]),
    ...(memoryHighBytes === undefined ? [] : [`slowed down above ${bytes(memoryHighBytes)}`]),
    ...(cpuQuotaCores === undefined ? [] : [`CPU ${threeDigits(cpuQuotaCores)} cores`]),
    ...(cpus === undefined ? [] : [`CPUs ${cpus}`]),
    ...(pids === undefined ? [] : [`${pids} processes and threads`]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function scenarioText(scenario: Scenario): string {
  switch (scenario.kind) {
    case 'single-stream':
      return 'single-stream';
    case 'multi-stream':
      return `multi-stream, ${scenario.samplesPerQuery} samples a query`;
    case 'server':
      return `server, ${threeDigits(scenario.queriesPerS)} queries/s, bound ${threeDigits(scenario.boundMs)} ms`;
    case 'offline':
      return `offline, ${scenario.samplesPerCall} samples a call`;
  }
}

function loadLines(load: LoadFigures, columns: number): string[] {
  const { settings, warmUp, latencyMs, estimateMs, invalid, peak } = load;
  const percentile = Number((settings.percentile * 100).toFixed(3));
  const latency =
    latencyMs === undefined
      ? []
      : wrapped(
          'latency',
          `p50 ${ms(latencyMs.percentiles[50]!)}, p90 ${ms(latencyMs.percentiles[90]!)}, p99 ${ms(latencyMs.percentiles[99]!)}, mean ${ms(latencyMs.mean)}, max ${ms(latencyMs.percentiles[100]!)}`,
          columns,
        );
  const estimate =
    latencyMs === undefined
      ? []
      : wrapped(
          '',
          `p${percentile} ${estimateMs === undefined ? 'unknown: too few queries' : `≤ ${ms(estimateMs)} with 99 % confidence (early stopping)`}`,
          columns,
        );
  const found =
    peak === undefined
      ? []
      : wrapped(
          'peak',
          `${peak.queriesPerS === undefined ? 'none was valid' : `${threeDigits(peak.queriesPerS)} queries/s`} (${peak.attempts} runs)`,
          columns,
        );
  return [
    ...wrapped('scenario', `${scenarioText(settings.scenario)}; ${load.queries} queries in ${duration(load.durationMs)}`, columns),
    ...found,
    ...latency,
    ...estimate,
    ...wrapped('throughput', `${threeDigits(load.samplesPerS)} samples/s${load.batch > 1 ? `, ${load.batch} at once` : ''}`, columns),
    ...wrapped(
      'before',
      `session in ${ms(load.sessionMs)}, first ${ms(load.firstMs)}, warm-up ${warmUp.calls} computations${warmUp.steady ? '' : ', whose times still differed'}`,
      columns,
    ),
    ...invalid.flatMap((reason) => wrapped('not valid', reason, columns)),
  ];
}

function metricText(name: string, value: number, unit: string, labels: Readonly<Record<string, string>>): string {
  const tags = Object.entries(labels).map(([key, label]) => `${key}=${label}`);
  return `${name} ${value}${unit === '' ? '' : ` ${unit}`}${tags.length === 0 ? '' : ` (${tags.join(', ')})`}`;
}

function deviceLines(environment: BenchEnvironment, columns: number): string[] {
  const { device, kernel, cgroup, intraOpThreads, heapMiBMax, pageCache, stages, workingFolder, env, ...state } = environment;
  const known = (value: number | undefined, text: (value: number) => string): string => (value === undefined ? unknown : text(value));
  const threads = `${intraOpThreads} ${intraOpThreads === 1 ? 'thread' : 'threads'}`;
  const before = [
    `temperature ${known(state.temperatureCelsius, (celsius) => `${celsius.toFixed(0)} °C`)}`,
    `CPU in use ${known(state.cpuBusyCores, (cores) => `${threeDigits(cores)} cores`)}`,
    `frequency ${known(state.frequencyMHz, (mhz) => `${mhz.toFixed(0)} MHz`)}`,
    `memory free ${known(state.memoryFreeBytes, bytes)}`,
    `page cache ${pageCache}`,
    `stages ${stages}`,
  ];
  return [
    ...wrapped('device', `${device.name}: ${device.cpuModel ?? device.arch}, ${device.cores} cores, ${bytes(device.memoryBytes)}`, columns),
    ...wrapped('', `${device.os}, kernel ${kernel}, ${cgroup === undefined ? 'no control group' : `cgroup ${cgroup}`}`, columns),
    ...wrapped('', `Node ${device.nodeVersion}, ONNX Runtime ${device.runtimeVersion}`, columns),
    ...(intraOpThreads === undefined ? [] : wrapped('', `${threads}, JavaScript heap of at most ${heapMiBMax} MiB`, columns)),
    ...(intraOpThreads === undefined ? wrapped('', `in ${workingFolder}, with ${Object.keys(env).join(', ')}`, columns) : []),
    ...wrapped('before it', before.join(', '), columns),
  ];
}

/** A value with its unit. */
function amount(name: UseName, value: number): string {
  const { unit }: UseField = useFields[name];
  if (unit === 'B') return bytes(value);
  if (unit === 'ms') return value >= 10_000 ? duration(value) : ms(value);
  return unit === '' ? String(Math.round(value)) : `${threeDigits(value)} ${unit}`;
}

function ms(value: number): string {
  return `${threeDigits(value)} ms`;
}
