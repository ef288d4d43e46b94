/** How a sweep is spoken of: limits, variants, outcomes and figures in words, the same in the terminal and on the page. */
import type { PageCache } from '../../mesh/bench/order.ts';
import { type FigureName, type OutcomeCounts, type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import { bytes, threeDigits } from '../text/format.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';

const caches: Readonly<Record<PageCache, string>> = { warm: 'warm cache', cold: 'cold cache', 'as-is': 'cache as it is' };

/** What has the verb of each mode: "256 MiB infers". */
export const doing: Readonly<Record<SweepReport['mode'], string>> = { infer: 'infers' };

/** What the limit is called: "memory". */
export const limitNames: Readonly<Record<SweepReport['limit'], string>> = { memory: 'memory', cpu: 'CPU' };

/** Figures with their units, as titles of axes and columns. */
export const figureTitles: Readonly<Record<FigureName, { readonly title: string; readonly unit: string }>> = {
  timeMs: { title: 'time', unit: 'ms' },
  samplesPerS: { title: 'throughput', unit: 'samples/s' },
  peakMemoryBytes: { title: 'peak memory', unit: 'MiB' },
};

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
export function figureText(figure: FigureName, value: number | null): string {
  if (value === null) return 'unknown';
  return figure === 'peakMemoryBytes' ? bytes(value) : `${threeDigits(value)} ${figureTitles[figure].unit}`;
}

/** `resnet: memory from 64 to 1024 MiB on pi1`. */
export function sweepTitle(report: Pick<SweepReport, 'model' | 'limit' | 'unit' | 'device' | 'rows'>): string {
  const values = report.rows.map(({ value }) => value);
  const range = values.length === 0 ? '' : ` from ${Math.min(...values)} to ${Math.max(...values)} ${report.unit}`;
  return `${report.model}: ${limitNames[report.limit]}${range} on ${report.device}`;
}

/** What stands beside the figures of a row: what was wrong, or should be known. */
export function notesOf({ outcome, outcomeText, outlierIn, record }: RowReport): string[] {
  return [
    ...(outcome === 'refused' || outcome === 'crashed' ? [outcomeText] : []),
    ...outlierIn.map((figure) => `outlier in ${figureTitles[figure].title}`),
    ...(record?.load?.invalid ?? []).map((why) => `no valid run: ${why}`),
    ...(record?.load?.warmUp.steady === false ? ['not steady after warm-up'] : []),
    ...(record?.warnings ?? []),
  ];
}
