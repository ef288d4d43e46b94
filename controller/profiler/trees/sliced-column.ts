/**
 * One column of the rows of a tree, sorted, and what is done with the slice of a node: go through it, divide it.
 */
import { gainOf, LEAST_GAIN, type Penalties, type Sums, thresholdBetween } from './score.ts';
import type { SortedColumn } from './sorted-columns.ts';
import type { BestSplit } from './split.ts';

export interface SlicedColumn extends SortedColumn {
  /** In the table. */
  readonly index: number;
  /** Missing values are tried on the right side, too. */
  readonly forward: boolean;
}

/**
 * Tries the places between the values of a node's slice, from the smallest (step 1, missing values go right) or from the largest (-1, left), and last
 * the place behind all of them, which parts them from the missing ones. `pairs`: derivatives of each row.
 */
export function scanColumn(
  column: SlicedColumn,
  [start, end]: readonly [number, number],
  step: 1 | -1,
  node: Sums,
  pairs: Float32Array,
  { lambda, alpha, minChildWeight }: Penalties,
  best: BestSplit,
): void {
  const { rows, values } = column;
  const { g: totalG, h: totalH, score } = node;
  let bestGain = best.gain;
  let least = leastOf(bestGain, score);
  let threshold = Number.NaN;
  let g = 0;
  let h = 0;
  let last = 0;
  const stop = step === 1 ? end : start - 1;
  for (let at = step === 1 ? start : end - 1; at !== stop; at += step) {
    const value = values[at]!;
    const row = rows[at]!;
    // Most places are far from the best. G₁²/(H₁+λ) + G₂²/(H₂+λ) is therefore compared first, without dividing, rounding and the lasso penalty (which
    // makes it less), and only what passes is looked at closely.
    const h1 = h + lambda;
    const h2 = totalH - h + lambda;
    const g2 = totalG - g;
    if (g * g * h2 + g2 * g2 * h1 >= least * h1 * h2) {
      if (value !== last && h >= minChildWeight && h !== 0 && totalH - h >= minChildWeight) {
        const gain = gainOf(g, h, node, lambda, alpha);
        if (gain > bestGain && gain !== Number.POSITIVE_INFINITY) {
          bestGain = gain;
          least = leastOf(bestGain, score);
          threshold = thresholdBetween(last, value);
        }
      }
    }
    g += pairs[2 * row]!;
    h += pairs[2 * row + 1]!;
    last = value;
  }
  if (h >= minChildWeight && totalH - h >= minChildWeight) {
    const gain = gainOf(g, h, node, lambda, alpha);
    if (gain > bestGain && gain !== Number.POSITIVE_INFINITY) {
      bestGain = gain;
      threshold = Math.fround(last + step * Math.fround(Math.abs(last) + LEAST_GAIN));
    }
  }
  if (bestGain > best.gain) best.set(bestGain, column.index, threshold, step === -1);
}

/** Less than this cannot gain more than `bestGain`, whatever rounding to float32 (four times at most, 2⁻²⁴ each) made of it. */
function leastOf(bestGain: number, score: number): number {
  return (bestGain + score) * (1 - 1e-6);
}

/** Those that go left before the others, both still sorted. Returns where the others begin. `spare`: as long as the column. */
export function divideColumn(
  { rows, values }: SortedColumn,
  [start, end]: readonly [number, number],
  goesLeft: Uint8Array,
  spare: SortedColumn,
): number {
  let left = start;
  let right = 0;
  for (let at = start; at < end; at += 1) {
    // Written to both places, and one of them counts: no branch that the processor would guess wrong half of the time.
    const row = rows[at]!;
    const value = values[at]!;
    const goes = goesLeft[row]!;
    rows[left] = row;
    values[left] = value;
    spare.rows[right] = row;
    spare.values[right] = value;
    left += goes;
    right += 1 - goes;
  }
  for (let at = 0; at < right; at += 1) {
    rows[left + at] = spare.rows[at]!;
    values[left + at] = spare.values[at]!;
  }
  return left;
}
