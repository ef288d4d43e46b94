/**
 * What swap changes: the same limit and page cache, with and without.
 *
 *     256 MiB    off  5 ok, 21 ms       on  5 ok, 34 ms       ──▶ 1.6 × the time
 *     128 MiB    off  5 out of memory   on  5 ok, 210 ms      ──▶ it runs at all
 */
import type { PageCache } from '../../mesh/bench/order.ts';
import { medianOf } from '../statistics/band.ts';
import { byValue, countOutcomes, isVariant, type OutcomeCounts, valuesOf } from './row-figures.ts';
import type { LimitValue, SweepRow, SweepVariant } from './sweep.ts';

export interface SwapComparison {
  readonly pageCache: PageCache;
  readonly swapBytes: number;
  /** Values of both, ascending. */
  readonly values: readonly SwapAtValue[];
}

export interface SwapAtValue {
  readonly value: LimitValue;
  readonly without: OutcomeCounts;
  readonly with: OutcomeCounts;
  /** Median time with swap ÷ without; above 1: slower. Undefined: no repeat of one of them was ok. */
  readonly timeRatio: number | undefined;
}

export function swapComparisons(variants: readonly SweepVariant[], rows: readonly SweepRow[]): SwapComparison[] {
  const off = variants.filter(({ swapBytes }) => (swapBytes ?? 0) === 0);
  return off.flatMap((without) => {
    const on = variants.filter(({ pageCache, swapBytes }) => pageCache === without.pageCache && (swapBytes ?? 0) > 0);
    return on.map((variant) => compared(without, variant, rows));
  });
}

function compared(off: SweepVariant, on: SweepVariant, rows: readonly SweepRow[]): SwapComparison {
  const without = byValue(rows.filter((row) => isVariant(row, off)));
  const swapped = byValue(rows.filter((row) => isVariant(row, on)));
  const both = [...without].flatMap(([value, plain]) => {
    const other = swapped.get(value);
    return other === undefined ? [] : [atValue(value, plain, other)];
  });
  return { pageCache: on.pageCache, swapBytes: on.swapBytes!, values: both };
}

function atValue(value: LimitValue, plain: readonly SweepRow[], swapped: readonly SweepRow[]): SwapAtValue {
  const [slow, fast] = [valuesOf(swapped, 'timeMs'), valuesOf(plain, 'timeMs')];
  const base = fast.length === 0 ? 0 : medianOf(fast);
  return {
    value,
    without: countOutcomes(plain),
    with: countOutcomes(swapped),
    timeRatio: slow.length === 0 || base === 0 ? undefined : medianOf(slow) / base,
  };
}
