/**
 * The course of a run for its plot: at most a few hundred points, in short arrays, because a page carries those of all rows.
 *
 *     samples ──▶ groups of neighbours: the largest of levels, the end of counters ──▶ rates between the ends
 */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { UseSample } from '../../mesh/bench/series.ts';
import type { SweepRow } from '../bench/sweep.ts';

export interface RowSeries extends Course {
  /** Place in the list of rows. */
  readonly row: number;
}

export interface Course {
  readonly s: readonly number[];
  readonly memoryMiB: readonly number[];
  readonly totalMiB: readonly number[];
  readonly swapMiB: readonly number[];
  /** CPU time in a time: cores; since the point before. */
  readonly cpuCores: readonly number[];
  /** Time that it was kept from the CPU, of all CPUs together, in a time. */
  readonly throttledCores: readonly number[];
  readonly faultsPerS: readonly number[];
  /** null: not limited. */
  readonly limitMiB: number | null;
  readonly limitCores: number | null;
}

const POINTS_MAX = 300;

const MIB = 2 ** 20;

/** Of the rows that have one. */
export function rowSeries(rows: readonly SweepRow[]): RowSeries[] {
  return rows.flatMap(({ record }, row) => (record === undefined || record.series.length === 0 ? [] : [{ row, ...courseOf(record) }]));
}

/** Of a record that has one. */
export function courseOf({ series, limits }: Pick<BenchRecord, 'series' | 'limits'>): Course {
  return { ...columnsOf(series), ...limitsOf(limits) };
}

function limitsOf({ memoryLimitBytes, cpuQuotaCores }: { readonly memoryLimitBytes?: number; readonly cpuQuotaCores?: number }) {
  return { limitMiB: memoryLimitBytes === undefined ? null : memoryLimitBytes / MIB, limitCores: cpuQuotaCores ?? null };
}

function columnsOf(samples: readonly UseSample[]): Omit<Course, 'limitMiB' | 'limitCores'> {
  const size = Math.ceil(samples.length / POINTS_MAX);
  const groups = Array.from({ length: Math.ceil(samples.length / size) }, (_, at) => samples.slice(at * size, (at + 1) * size));
  const level = (of: (sample: UseSample) => number): number[] => groups.map((group) => rounded(Math.max(...group.map(of))));
  const rate = (of: (sample: UseSample) => number): number[] =>
    groups.map((group, at) => {
      const end = group.at(-1)!;
      const before = groups[at - 1]?.at(-1);
      const elapsedMs = end.atMs - (before?.atMs ?? 0);
      return elapsedMs <= 0 ? 0 : rounded(Math.max(0, of(end) - (before === undefined ? 0 : of(before))) / elapsedMs);
    });
  return {
    s: groups.map((group) => rounded(group.at(-1)!.atMs / 1000)),
    memoryMiB: level(({ memoryBytes }) => memoryBytes / MIB),
    totalMiB: level(({ totalBytes }) => totalBytes / MIB),
    swapMiB: level(({ swapBytes }) => swapBytes / MIB),
    cpuCores: rate(({ cpuMs }) => cpuMs),
    throttledCores: rate(({ throttledMs }) => throttledMs),
    faultsPerS: rate(({ majorFaults }) => majorFaults * 1000),
  };
}

/** Four digits are more than a plot shows. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
