/**
 * Sweeps as a device would have them, made up: the smaller the limit, the more is read again and again; below 160 MiB there is too little.
 */
import type { LimitValue, Sweep, SweepRow, SweepSpec, SweepVariant } from '../../../controller/bench/sweep.ts';
import type { Outcome } from '../../../mesh/bench/outcome.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import type { UseSample } from '../../../mesh/bench/series.ts';
import type { LoadFigures } from '../../../mesh/loadgen/figures.ts';
import type { LoadSettings } from '../../../mesh/loadgen/scenario.ts';
import { Random } from '../../../mesh/random.ts';

const MIB = 2 ** 20;

const settings: LoadSettings = {
  scenario: { kind: 'single-stream' },
  percentile: 0.9,
  durationMsMin: 5_000,
  queriesMin: 100,
  durationMsMax: 60_000,
};

export interface Made {
  readonly limits?: BenchRecord['limits'];
  readonly outcome?: Outcome;
  /** Of the median query; undefined: it did not come so far. */
  readonly timeMs?: number;
  readonly peakBytes?: number;
  readonly pageCache?: SweepVariant['pageCache'];
  readonly startedMs?: number;
  readonly swapBytes?: number;
  readonly random?: () => number;
}

export function recordOf({ timeMs, ...made }: Made): BenchRecord {
  const { limits = {}, outcome = { kind: 'ok' }, pageCache = 'warm', startedMs = 1_790_000_000_000, random = () => 0.5 } = made;
  const wallMs = timeMs === undefined ? 2_300 : 8_000 + timeMs;
  const cores = Math.min(2, limits.cpuQuotaCores ?? 2);
  const started = outcome.kind !== 'refused';
  return {
    run: `b${startedMs % 1_000_000}`,
    outcome,
    limits,
    warnings: outcome.kind === 'thrashing' ? ['it was slowed down until hardly anything was computed'] : [],
    environment: {
      device: {
        name: 'pi1',
        address: 'pi1:7070',
        arch: 'arm64',
        os: 'Debian GNU/Linux 12',
        cores: 4,
        cpuModel: 'Cortex-A76',
        memoryBytes: 2 ** 33,
        diskBytes: 2 ** 36,
        nodeVersion: '24.21.0',
        runtimeVersion: '1.30.0',
        cgroup: 'v2',
      },
      kernel: '6.6.31-rpi',
      cgroup: 'v2',
      intraOpThreads: 2,
      heapMiBMax: 64,
      pageCache,
      temperatureCelsius: 52 + 4 * random(),
      cpuBusyCores: 0.1 * random(),
      loadAverage: 0.3 + 0.1 * random(),
      memoryFreeBytes: 5e9,
      frequencyMHz: 2400,
      governor: 'performance',
      stages: 0,
      env: {},
      workingFolder: '',
    },
    startedMs,
    exit: outcome.kind === 'out-of-memory' ? { signal: 'SIGKILL' } : outcome.kind === 'ok' ? { code: 0 } : {},
    phases: started ? [{ name: 'load', startMs: 0, endMs: 900 }] : [],
    use: started
      ? {
          wallMs,
          cpuMs: wallMs * cores * 0.9,
          ...(made.peakBytes === undefined
            ? {}
            : { peakMemoryBytes: Math.round(made.peakBytes), peakUnreclaimableBytes: Math.round(made.peakBytes / 2) }),
          throttledMs: limits.cpuQuotaCores === undefined ? 0 : wallMs * 0.3,
          peakSwapBytes: made.swapBytes ?? 0,
          majorFaults: pageCache === 'cold' ? 4_000 : 12,
          oomKills: outcome.kind === 'out-of-memory' ? 1 : 0,
        }
      : {},
    series: started ? seriesOf(wallMs, cores, made) : [],
    ...(timeMs === undefined ? {} : { load: loadOf(timeMs, random) }),
    metrics: [],
    metricsLost: 0,
    lastWords: outcome.kind === 'crashed' ? 'terminate called after throwing "x,\ny"' : '',
  };
}

function seriesOf(wallMs: number, cores: number, { peakBytes = 0, swapBytes = 0, limits, random = () => 0.5 }: Made): UseSample[] {
  let cpuMs = 0;
  return Array.from({ length: Math.floor(wallMs / 100) }, (_, index) => {
    const grown = Math.min(1, (index + 1) / 12);
    cpuMs += 100 * cores * (0.8 + 0.2 * random());
    return {
      atMs: 100 * (index + 1),
      memoryBytes: Math.round(peakBytes * 0.8 * grown * (0.97 + 0.03 * random())),
      totalBytes: Math.round(peakBytes * grown),
      swapBytes: Math.round(swapBytes * Math.max(0, grown - 0.5) * 2),
      cpuMs: Math.round(cpuMs),
      throttledMs: limits?.cpuQuotaCores === undefined ? 0 : 30 * index,
      majorFaults: index < 12 ? index * 9 : 108 + Math.round((swapBytes / MIB) * index),
    };
  });
}

function loadOf(timeMs: number, random: () => number): LoadFigures {
  const at = (share: number): number => timeMs * (0.94 + 0.12 * share + 0.5 * share ** 12);
  const queries = Math.ceil(Math.max(100, 5_000 / timeMs));
  return {
    settings,
    warmUp: { calls: 9, elapsedMs: 9 * timeMs, steady: true, variation: 0.02 + 0.02 * random(), callMs: timeMs },
    ...{ sessionMs: 310, firstMs: 2 * timeMs, batch: 1, sampleCount: 16, queries, samples: queries, durationMs: queries * timeMs * 1.02 },
    samplesPerS: 1000 / (timeMs * 1.02),
    latencyMs: { mean: timeMs * 1.02, percentiles: Array.from({ length: 101 }, (_, p) => (p === 50 ? timeMs : at(p / 100))), p999: at(1) },
    invalid: [],
  };
}

export const spec: SweepSpec = {
  workload: { mode: 'infer', model: 'resnet', sha256: 'ab'.repeat(32), load: settings, threads: 2, seed: 1 },
  device: 'pi1',
  limit: 'memory',
  search: { kind: 'steps', values: [], repeat: 5 },
  variants: [
    { pageCache: 'warm', swapBytes: undefined },
    { pageCache: 'cold', swapBytes: undefined },
  ],
  limits: {},
  deadlineMs: 120_000,
  besideStages: false,
};

export interface MadeSweep {
  readonly sweep: Sweep;
  readonly rows: readonly SweepRow[];
}

/** All of them, in rounds. `record`: undefined for what was not tried. */
export function sweepOf(
  part: Partial<SweepSpec>,
  values: readonly LimitValue[],
  repeat: number,
  record: (row: RowPlace) => SweepRow['record'],
): MadeSweep {
  const whole: SweepSpec = { ...spec, ...part, search: { kind: 'steps', values, repeat } };
  const places = Array.from({ length: repeat }, (_, round) =>
    values.flatMap((value) => whole.variants.map((variant) => ({ value, variant, repeat: round + 1 }))),
  ).flat();
  const rows = places.map((place, row) => ({ ...place, row, record: record({ ...place, row }) }));
  return { sweep: { sweep: 's20260921', startedMs: 1_790_000_000_000, spec: whole, status: 'done', error: undefined }, rows };
}

export type RowPlace = Omit<SweepRow, 'record'>;

/** Memory from 1024 MiB down in steps of 64; `cold` needs 32 MiB more. With an outlier, a refused run, a crash, and a round that was not finished. */
export function memorySweep(variants: readonly SweepVariant[] = spec.variants): MadeSweep {
  const generator = new Random(7);
  const uniform = (): number => generator.next();
  const values = Array.from({ length: 16 }, (_, index) => 1024 - 64 * index)
    .concat(160, 96)
    .toSorted((a, b) => b - a);
  const made = sweepOf({ variants }, values, 5, ({ row, value, variant, repeat }) => {
    const { pageCache, swapBytes = 0 } = variant;
    if (repeat === 5 && value <= 128) return undefined;
    const base = { limits: { memoryLimitBytes: value * MIB }, pageCache, startedMs: 1_790_000_000_000 + row * 12_000, random: uniform };
    const needs = pageCache === 'cold' ? 192 : 160;
    const room = value + (swapBytes / MIB) * 0.75;
    const peakBytes = Math.min(value, 318 + 6 * uniform()) * MIB;
    if (row === 11) return recordOf({ ...base, outcome: { kind: 'refused', why: 'the device is too hot: 84 °C' } });
    if (row === 30) return recordOf({ ...base, peakBytes, outcome: { kind: 'crashed', signal: 'SIGSEGV' } });
    if (room < needs) return recordOf({ ...base, peakBytes: value * MIB, outcome: { kind: 'out-of-memory' } });
    if (room === needs) return recordOf({ ...base, peakBytes: value * MIB, outcome: { kind: 'thrashing' } });
    if (room < needs + 34 && repeat === 2 && swapBytes === 0) return recordOf({ ...base, peakBytes, outcome: { kind: 'timed-out' } });
    const pressed = Math.max(0, 320 - value) / 320;
    const slow = value === 640 && repeat === 3 ? 1.9 : 1;
    const timeMs = slow * (21 + 70 * pressed ** 3 + (pageCache === 'cold' ? 3 : 0)) * (0.985 + 0.03 * uniform());
    return recordOf({ ...base, timeMs, peakBytes, swapBytes: Math.min(swapBytes, 320 * MIB * pressed) });
  });
  return made;
}

/** CPU from a tenth of a core to two; three repeats, all of them ok. */
export function cpuSweep(): MadeSweep {
  const generator = new Random(9);
  const uniform = (): number => generator.next();
  const values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
  return sweepOf({ limit: 'cpu', variants: [spec.variants[0]!] }, values, 3, ({ row, value, variant }) =>
    recordOf({
      ...variant,
      limits: { cpuQuotaCores: value },
      peakBytes: 320 * MIB,
      startedMs: 1_790_000_000_000 + row * 12_000,
      timeMs: (12 + 30 / value) * (0.98 + 0.04 * uniform()),
      random: uniform,
    } as Made),
  );
}
