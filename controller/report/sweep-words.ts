/** How a sweep is spoken of: limits, variants, outcomes and figures in words, the same in the terminal and on the page. */
import type { PageCache } from '../../mesh/bench/order.ts';
import { type FigureName, type OutcomeCounts, type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import type { epochPhases } from '../bench/training-phases.ts';
import { bytes, threeDigits } from '../text/format.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { rightText } from './training-text.ts';

const caches: Readonly<Record<PageCache, string>> = { warm: 'warm cache', cold: 'cold cache', 'as-is': 'cache as it is' };

/** What was found, in a sentence or two. */
export interface Finding {
  readonly title: string;
  readonly text: string;
}

/** What has the verb of each mode: "256 MiB infers". */
export const doing: Readonly<Record<SweepReport['mode'], string>> = { infer: 'infers', train: 'trains' };

/** What the limit is called: "memory". */
export const limitNames: Readonly<Record<SweepReport['limit'], string>> = { memory: 'memory', cpu: 'CPU' };

/** A figure as people see it, on axes and in columns. */
export interface Shown {
  readonly title: string;
  readonly unit: string;
  /** What one of the unit is, in that of the figure. */
  readonly scale: number;
}

/** Phases of an epoch, as titles of columns and colours. */
export const phaseNames = {
  batchesMs: 'batches',
  stepsMs: 'steps',
  validateMs: 'validation',
  checkpointMs: 'checkpoint',
} as const satisfies Readonly<Record<(typeof epochPhases)[number], string>>;

const MIB = 2 ** 20;

/** From here on, as the geometric middle between the fastest and the slowest, time per epoch is said in seconds. */
const SECONDS_FROM_MS = 1000;

/** Of one report; or of several of the same mode, with the rows of all, so that they have one unit. */
export function shownAs({ mode, rows }: Pick<SweepReport, 'mode' | 'rows'>, figure: FigureName): Shown {
  switch (figure) {
    case 'samplesPerS':
      return { title: 'throughput', unit: mode === 'infer' ? 'samples/s' : 'examples/s', scale: 1 };
    case 'peakMemoryBytes':
      return { title: 'peak memory', unit: 'MiB', scale: MIB };
    case 'accuracy':
      return { title: 'accuracy', unit: '%', scale: 0.01 };
    case 'timeMs': {
      if (mode === 'infer') return { title: 'time', unit: 'ms', scale: 1 };
      const times = rows.flatMap(({ figures, outcome }) => (outcome === 'ok' ? (figures.timeMs ?? []) : []));
      const middle = times.length === 0 ? 0 : Math.sqrt(Math.min(...times) * Math.max(...times));
      return { title: 'time per epoch', ...(middle < SECONDS_FROM_MS ? { unit: 'ms', scale: 1 } : { unit: 's', scale: 1000 }) };
    }
  }
}

/** `192 MiB`, `0.5 cores`. */
export function valueText({ limit }: Pick<SweepReport, 'limit'>, value: number): string {
  return limit === 'memory' ? `${value} MiB` : `${value} ${value === 1 ? 'core' : 'cores'}`;
}

/** With swap only where the sweep has variants that differ in it: elsewhere there is none. */
export function variantText({ variants }: Pick<SweepReport, 'variants'>, index: number): string {
  const variant = variants[index];
  if (variant === undefined) return 'unknown variant';
  const swaps = variants.some(({ swapBytes }) => (swapBytes ?? 0) > 0);
  const swap = (variant.swapBytes ?? 0) > 0 ? `${bytes(variant.swapBytes!)} of swap` : 'no swap';
  return swaps ? `${caches[variant.pageCache]}, ${swap}` : caches[variant.pageCache];
}

export function cacheText(pageCache: PageCache): string {
  return caches[pageCache];
}

export function outcomeWords(outcome: RowOutcome): string {
  return outcome.replaceAll('-', ' ');
}

/** `3 ok, 2 out of memory`. */
export function countsText(counts: OutcomeCounts): string {
  const parts = rowOutcomes.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${outcomeWords(kind)}`);
  return parts.length === 0 ? 'nothing planned' : parts.join(', ');
}

/** `640 MiB, warm cache, repeat 3`. */
export function placeText(
  report: Pick<SweepReport, 'limit' | 'variants'>,
  { value, variant, repeat }: Pick<RowReport, 'value' | 'variant' | 'repeat'>,
): string {
  return `${valueText(report, value)}, ${variantText(report, variant)}, repeat ${repeat}`;
}

/** With its unit; `unknown` when it is null. */
export function figureText(report: Pick<SweepReport, 'mode' | 'rows'>, figure: FigureName, value: number | null): string {
  if (value === null) return 'unknown';
  if (figure === 'accuracy') return rightText(value);
  const { unit, scale } = shownAs(report, figure);
  return figure === 'peakMemoryBytes' ? bytes(value) : `${threeDigits(value / scale)} ${unit}`;
}

/** `resnet: memory from 64 to 1024 MiB on pi1`; `training mlp1d: …`. */
export function sweepTitle(report: Pick<SweepReport, 'mode' | 'model' | 'limit' | 'unit' | 'device' | 'rows'>): string {
  const values = report.rows.map(({ value }) => value);
  const range = values.length === 0 ? '' : ` from ${Math.min(...values)} to ${Math.max(...values)} ${report.unit}`;
  return `${report.mode === 'train' ? 'training ' : ''}${report.model}: ${limitNames[report.limit]}${range} on ${report.device}`;
}

/** What stands beside the figures of a row: what was wrong, or should be known. */
export function notesOf(report: SweepReport, { outcome, outcomeText, outlierIn, record }: RowReport): string[] {
  const resumedAt = record?.training?.resumedAt ?? 0;
  return [
    ...(outcome === 'refused' || outcome === 'crashed' ? [outcomeText] : []),
    ...outlierIn.map((figure) => `outlier in ${shownAs(report, figure).title}`),
    ...(record?.load?.invalid ?? []).map((why) => `no valid run: ${why}`),
    ...(record?.load?.warmUp.steady === false ? ['not steady after warm-up'] : []),
    ...(resumedAt > 0 ? [`resumed after ${resumedAt} epochs`] : []),
    ...(record?.warnings ?? []),
  ];
}
