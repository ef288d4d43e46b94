/**
 * A column in bins: of at most 256 values each has its own bin, of more the bins hold about as many rows each, all rows of one value in the same bin.
 *
 *     values      1   1   3   3   3  │  4   6  │  9             edges    below 1, 3.5, 7.5, above 9
 */
import { LEAST_GAIN, thresholdBetween } from './score.ts';
import type { SortedColumn } from './sorted-columns.ts';

export const BINS_MAX = 256;

export interface BinnedColumn {
  /** Of each row; BINS_MAX: missing. */
  readonly bins: Uint16Array;
  /** Bin b holds what is at least edges[b] and less than edges[b + 1]. Of a column without values empty. */
  readonly edges: Float32Array;
  readonly hasMissing: boolean;
}

/** `rows`: of the table. */
export function binColumn(sorted: SortedColumn, rows: number): BinnedColumn {
  const bins = new Uint16Array(rows).fill(BINS_MAX);
  const { values } = sorted;
  const hasMissing = values.length < rows;
  if (values.length === 0) return { bins, edges: new Float32Array(), hasMissing };
  const edges = [Math.fround(values[0]! - Math.fround(Math.abs(values[0]!) + LEAST_GAIN))];
  const distinct = values.reduce((count, value, at) => count + (at > 0 && value !== values[at - 1] ? 1 : 0), 1);
  // Rows a bin has when it is full: a share of those that are not in a bin yet, so that a value of many rows does not leave the others with few bins.
  let begun = 0;
  const isFull = (at: number): boolean => {
    if (distinct <= BINS_MAX) return true;
    const binsLeft = BINS_MAX - edges.length + 1;
    return binsLeft > 1 && (at - begun) * binsLeft >= values.length - begun;
  };
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at]!;
    if (at > 0 && value !== values[at - 1] && isFull(at)) {
      edges.push(thresholdBetween(value, values[at - 1]!));
      begun = at;
    }
    bins[sorted.rows[at]!] = edges.length - 1;
  }
  const largest = values.at(-1)!;
  edges.push(Math.fround(largest + Math.fround(Math.abs(largest) + LEAST_GAIN)));
  return { bins, edges: Float32Array.from(edges), hasMissing };
}
