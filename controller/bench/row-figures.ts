/**
 * What a row of a sweep says in one word and a few numbers. Each has one owner here, so that table, plot and summary never mean different things.
 */
import { type Outcome, outcomeKinds } from '../../mesh/bench/outcome.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { LimitValue, SweepRow, SweepVariant, SweepWorkload } from './sweep.ts';
import { bestAccuracy, epochTimeMs, trainedPerS } from './training-phases.ts';

/** `not-tried`: there is no record, whatever the reason. */
export type RowOutcome = Outcome['kind'] | 'not-tried';

export const rowOutcomes = [...outcomeKinds, 'not-tried'] as const satisfies readonly RowOutcome[];

export function outcomeOf({ record }: SweepRow): RowOutcome {
  return record?.outcome.kind ?? 'not-tried';
}

/** It ran, and not to its end: that says something about the limit. Refused, cancelled and not tried say nothing. */
export function hasFailed(row: SweepRow): boolean {
  return (['out-of-memory', 'thrashing', 'timed-out', 'crashed'] satisfies RowOutcome[] as RowOutcome[]).includes(outcomeOf(row));
}

/** The figures that are plotted against the limit; only of rows that are ok, because what was killed in between was not measured to its end. */
export const figures = {
  /** Median latency of a query; offline the time of a sample. Of training: of an epoch of the last stage, with validation and checkpoint. */
  timeMs: (record: BenchRecord): number | undefined => {
    if (record.load === undefined) return epochTimeMs(record);
    const { latencyMs, samplesPerS } = record.load;
    return latencyMs?.percentiles[50] ?? (samplesPerS > 0 ? 1000 / samplesPerS : undefined);
  },
  /** Of training: examples, in the time of batches and steps. */
  samplesPerS: (record: BenchRecord): number | undefined => record.load?.samplesPerS ?? trainedPerS(record),
  peakMemoryBytes: (record: BenchRecord): number | undefined => record.use.peakMemoryBytes,
  /** Of the validation, 0 to 1. */
  accuracy: bestAccuracy,
} as const satisfies Record<string, (record: BenchRecord) => number | undefined>;

export type FigureName = keyof typeof figures;

export const figureNames = Object.keys(figures) as readonly FigureName[];

/** Those that there can be. */
export const figuresOfMode: Readonly<Record<SweepWorkload['mode'], readonly FigureName[]>> = {
  infer: ['timeMs', 'samplesPerS', 'peakMemoryBytes'],
  train: ['timeMs', 'samplesPerS', 'peakMemoryBytes', 'accuracy'],
};

/** Of the rows that are ok and have it, in their order. */
export function valuesOf(rows: readonly SweepRow[], figure: FigureName): number[] {
  return okRows(rows).flatMap(({ record }) => figures[figure](record) ?? []);
}

export function okRows(rows: readonly SweepRow[]): (SweepRow & { readonly record: BenchRecord })[] {
  return rows.filter((row): row is SweepRow & { readonly record: BenchRecord } => row.record?.outcome.kind === 'ok');
}

export function isVariant({ variant }: SweepRow, other: SweepVariant): boolean {
  return variant.pageCache === other.pageCache && variant.swapBytes === other.swapBytes;
}

/** Rows of one value each, by value ascending; within it in their order. */
export function byValue(rows: readonly SweepRow[]): ReadonlyMap<LimitValue, readonly SweepRow[]> {
  const groups = new Map<LimitValue, SweepRow[]>();
  for (const row of rows.toSorted((a, b) => a.value - b.value || a.row - b.row)) {
    const group = groups.get(row.value);
    if (group === undefined) groups.set(row.value, [row]);
    else group.push(row);
  }
  return groups;
}

export type OutcomeCounts = Readonly<Record<RowOutcome, number>>;

export function countOutcomes(rows: readonly SweepRow[]): OutcomeCounts {
  const counts = Object.fromEntries(rowOutcomes.map((kind) => [kind, 0])) as Record<RowOutcome, number>;
  for (const row of rows) counts[outcomeOf(row)] += 1;
  return counts;
}
