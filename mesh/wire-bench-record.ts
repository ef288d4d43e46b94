/**
 * What a benchmark run tells and leaves: our types ↔ protobuf. Validated once, here.
 */
import {
  type BenchEnvironment as WireEnvironment,
  BenchEvent as WireEvent,
  type BenchMetric as WireMetric,
  type BenchOutcome as WireOutcome,
  BenchRecord as WireRecord,
  type UseSeries as WireSeries,
  type ResourceUse as WireUse,
} from '../proto/gen/mesh/v1/bench.ts';
import { type BenchEvent, logStreams } from './bench/event.ts';
import { pageCaches } from './bench/order.ts';
import { type Outcome, outcomeKinds } from './bench/outcome.ts';
import type { BenchEnvironment, BenchRecord, TimedMetric } from './bench/record.ts';
import type { UseSample } from './bench/series.ts';
import { type ResourceUse, useNames } from './bench/use.ts';
import { MeshError } from './error.ts';
import { limitsFromWire, limitsToWire } from './wire-bench-order.ts';
import { cgroupFromWire, deviceFromWire, deviceToWire } from './wire-device.ts';
import { loadFiguresFromWire, loadFiguresToWire } from './wire-load.ts';
import { choiceFromWire, numberFromWire, optional, required } from './wire-number.ts';
import { backgroundLoadFromWire, timedItemFromWire, timedItemToWire } from './wire-timing.ts';
import { epochFromWire, epochToWire, trainingFiguresFromWire, trainingFiguresToWire } from './wire-training.ts';

/** The only version of BenchEvent there is so far. */
export const BENCH_EVENT_VERSION = 1;

export function benchEventToWire(event: BenchEvent): WireEvent {
  return WireEvent.fromPartial({ version: BENCH_EVENT_VERSION, event: eventToWire(event) });
}

/** Errors: `invalid` for whatever can't be, `conflict` for another version. */
export function benchEventFromWire({ version, event }: WireEvent): BenchEvent {
  if (version !== BENCH_EVENT_VERSION)
    throw new MeshError('conflict', `version ${version} of BenchEvent is not known, only ${BENCH_EVENT_VERSION}`);
  switch (event?.$case) {
    case 'queued':
      return { kind: 'queued', ahead: event.value.ahead, why: event.value.why };
    case 'started':
      return { kind: 'started', environment: environmentFromWire(event.value.environment) };
    case 'phase':
      return { kind: 'phase', name: event.value.name, atMs: event.value.atMs };
    case 'progress':
      return { kind: 'progress', queries: numberFromWire(event.value.queries, 'queries'), elapsedMs: event.value.elapsedMs };
    case 'metric':
      return { kind: 'metric', metric: metricFromWire(event.value) };
    case 'epoch':
      return { kind: 'epoch', epoch: epochFromWire(event.value) };
    case 'timed':
      return { kind: 'timed', item: timedItemFromWire(event.value) };
    case 'log':
      return { kind: 'log', stream: choiceFromWire(event.value.stream, logStreams, 'stream'), line: event.value.line };
    case 'live': {
      const { cpuPercent, memoryBytes, processes } = event.value;
      return { kind: 'live', cpuPercent, memoryBytes: numberFromWire(memoryBytes, 'memory_bytes'), processes };
    }
    case 'ended':
      return { kind: 'ended', record: benchRecordFromWire(event.value) };
    default:
      throw new MeshError('invalid', 'a BenchEvent that says nothing');
  }
}

function eventToWire(event: BenchEvent): NonNullable<WireEvent['event']> {
  switch (event.kind) {
    case 'queued':
      return { $case: 'queued', value: { ahead: event.ahead, why: event.why } };
    case 'started':
      return { $case: 'started', value: { environment: environmentToWire(event.environment) } };
    case 'phase':
      return { $case: 'phase', value: { name: event.name, atMs: event.atMs } };
    case 'progress':
      return { $case: 'progress', value: { queries: BigInt(event.queries), elapsedMs: event.elapsedMs } };
    case 'metric':
      return { $case: 'metric', value: metricToWire(event.metric) };
    case 'epoch':
      return { $case: 'epoch', value: epochToWire(event.epoch) };
    case 'timed':
      return { $case: 'timed', value: timedItemToWire(event.item) };
    case 'log':
      return { $case: 'log', value: { stream: event.stream, line: event.line } };
    case 'live': {
      const { cpuPercent, memoryBytes, processes } = event;
      return { $case: 'live', value: { cpuPercent, memoryBytes: BigInt(memoryBytes), processes } };
    }
    case 'ended':
      return { $case: 'ended', value: benchRecordToWire(event.record) };
  }
}

export function benchRecordToWire(record: BenchRecord): WireRecord {
  const {
    run,
    outcome,
    limits,
    warnings,
    environment,
    startedMs,
    exit,
    phases,
    use,
    series,
    load,
    training,
    backgroundLoad,
    metrics,
    metricsLost,
    lastWords,
  } = record;
  return {
    ...{ run, lastWords },
    outcome: outcomeToWire(outcome),
    limits: limitsToWire(limits),
    warnings: [...warnings],
    environment: environmentToWire(environment),
    startedMs: BigInt(Math.round(startedMs)),
    exitCode: exit.code,
    exitSignal: exit.signal,
    phases: phases.map((phase) => ({ ...phase })),
    use: { ...emptyUse, ...use },
    series: seriesToWire(series),
    load: load === undefined ? undefined : loadFiguresToWire(load),
    training: training === undefined ? undefined : trainingFiguresToWire(training),
    backgroundLoad,
    metrics: metrics.map(metricToWire),
    metricsLost: BigInt(metricsLost),
  };
}

/** Error `invalid` for whatever can't be. */
export function benchRecordFromWire(wire: WireRecord): BenchRecord {
  const { run, lastWords, warnings } = wire;
  return {
    ...{ run, lastWords, warnings },
    phases: wire.phases.map(({ name, startMs, endMs }) => ({ name, startMs, endMs })),
    outcome: outcomeFromWire(wire.outcome),
    limits: limitsFromWire(wire.limits),
    environment: environmentFromWire(wire.environment),
    startedMs: numberFromWire(wire.startedMs, 'started_ms'),
    exit: { ...optional('code', wire.exitCode), ...optional('signal', wire.exitSignal) },
    use: useFromWire(wire.use),
    series: seriesFromWire(wire.series),
    ...optional('load', wire.load === undefined ? undefined : loadFiguresFromWire(wire.load)),
    ...optional('training', wire.training === undefined ? undefined : trainingFiguresFromWire(wire.training)),
    ...optional('backgroundLoad', backgroundLoadFromWire(wire.backgroundLoad)),
    metrics: wire.metrics.map(metricFromWire),
    metricsLost: numberFromWire(wire.metricsLost, 'metrics_lost'),
  };
}

const emptyUse = Object.fromEntries(useNames.map((name) => [name, undefined])) as unknown as WireUse;

function useFromWire(wire: WireUse | undefined): ResourceUse {
  return Object.fromEntries(useNames.flatMap((name) => (wire?.[name] === undefined ? [] : [[name, wire[name]]])));
}

function outcomeToWire(outcome: Outcome): WireOutcome {
  return {
    kind: outcome.kind,
    signal: outcome.kind === 'crashed' ? outcome.signal : undefined,
    code: outcome.kind === 'crashed' ? outcome.code : undefined,
    why: outcome.kind === 'refused' ? outcome.why : '',
  };
}

function outcomeFromWire(wire: WireOutcome | undefined): Outcome {
  const { kind: said, signal, code, why } = required(wire, 'the outcome');
  const kind = choiceFromWire(said, outcomeKinds, 'outcome');
  if (kind === 'crashed') return { kind, ...optional('signal', signal), ...optional('code', code) };
  return kind === 'refused' ? { kind, why } : { kind };
}

function environmentToWire(environment: BenchEnvironment): WireEnvironment {
  const { device, memoryFreeBytes, swapTotalBytes, heapMiBMax, frequencyMHz, env, ...rest } = environment;
  return {
    ...absentFacts,
    ...rest,
    device: deviceToWire(device),
    memoryFreeBytes: memoryFreeBytes === undefined ? undefined : BigInt(memoryFreeBytes),
    swapTotalBytes: swapTotalBytes === undefined ? undefined : BigInt(swapTotalBytes),
    heapMibMax: heapMiBMax,
    frequencyMhz: frequencyMHz,
    env: { ...env },
  };
}

const absentFacts = {
  cgroup: undefined,
  intraOpThreads: undefined,
  temperatureCelsius: undefined,
  cpuBusyCores: undefined,
  loadAverage: undefined,
  governor: undefined,
  diskUsedPercent: undefined,
};

function environmentFromWire(wire: WireEnvironment | undefined): BenchEnvironment {
  const found = required(wire, 'the environment of a run');
  const { kernel, stages, env, workingFolder, memoryFreeBytes, swapTotalBytes } = found;
  return {
    ...{ kernel, stages, env, workingFolder },
    device: deviceFromWire(required(found.device, 'the device of a run')),
    ...optional('cgroup', cgroupFromWire(found.cgroup)),
    ...optional('intraOpThreads', found.intraOpThreads),
    ...optional('heapMiBMax', found.heapMibMax),
    pageCache: choiceFromWire(found.pageCache, pageCaches, 'page_cache'),
    ...optional('temperatureCelsius', found.temperatureCelsius),
    ...optional('cpuBusyCores', found.cpuBusyCores),
    ...optional('loadAverage', found.loadAverage),
    ...optional('memoryFreeBytes', memoryFreeBytes === undefined ? undefined : numberFromWire(memoryFreeBytes, 'memory_free_bytes')),
    ...optional('swapTotalBytes', swapTotalBytes === undefined ? undefined : numberFromWire(swapTotalBytes, 'swap_total_bytes')),
    ...optional('frequencyMHz', found.frequencyMhz),
    ...optional('governor', found.governor),
    ...optional('diskUsedPercent', found.diskUsedPercent),
  };
}

function metricToWire({ name, value, unit, labels, atMs }: TimedMetric): WireMetric {
  return { name, value, unit, labels: { ...labels }, atMs };
}

function metricFromWire({ name, value, unit, labels, atMs }: WireMetric): TimedMetric {
  return { name, value, unit, labels, atMs };
}

/** A whole number becomes its difference to the one before: most are small. */
function seriesToWire(samples: readonly UseSample[]): WireSeries {
  const column = (read: (sample: UseSample) => number): bigint[] => {
    let before = 0n;
    return samples.map((sample) => {
      const value = BigInt(Math.round(read(sample)));
      const difference = value - before;
      before = value;
      return difference;
    });
  };
  return {
    atMs: samples.map(({ atMs }) => Math.round(atMs)),
    memoryBytes: column(({ memoryBytes }) => memoryBytes),
    totalBytes: column(({ totalBytes }) => totalBytes),
    swapBytes: column(({ swapBytes }) => swapBytes),
    cpuUs: column(({ cpuMs }) => cpuMs * 1000),
    throttledUs: column(({ throttledMs }) => throttledMs * 1000),
    majorFaults: column(({ majorFaults }) => majorFaults),
  };
}

function seriesFromWire(wire: WireSeries | undefined): UseSample[] {
  if (wire === undefined) return [];
  const count = wire.atMs.length;
  const column = (differences: readonly bigint[]): number[] => {
    if (differences.length !== count) throw new MeshError('invalid', `columns of ${differences.length} and ${count} samples in one series`);
    let sum = 0n;
    return differences.map((difference) => {
      sum += difference;
      return numberFromWire(sum, 'a sample');
    });
  };
  const memoryBytes = column(wire.memoryBytes);
  const totalBytes = column(wire.totalBytes);
  const swapBytes = column(wire.swapBytes);
  const cpuUs = column(wire.cpuUs);
  const throttledUs = column(wire.throttledUs);
  const majorFaults = column(wire.majorFaults);
  return wire.atMs.map((atMs, index) => ({
    atMs,
    memoryBytes: memoryBytes[index]!,
    totalBytes: totalBytes[index]!,
    swapBytes: swapBytes[index]!,
    cpuMs: cpuUs[index]! / 1000,
    throttledMs: throttledUs[index]! / 1000,
    majorFaults: majorFaults[index]!,
  }));
}

/** For keeping: its series are a few bytes per sample. */
export function encodeBenchRecord(record: BenchRecord): Uint8Array {
  return WireRecord.encode(benchRecordToWire(record)).finish();
}

/** Error `invalid` for bytes that are no record. */
export function decodeBenchRecord(bytes: Uint8Array): BenchRecord {
  try {
    return benchRecordFromWire(WireRecord.decode(bytes));
  } catch (error) {
    throw MeshError.from(error, 'invalid');
  }
}
