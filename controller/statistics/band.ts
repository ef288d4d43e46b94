/**
 * What repeats of one measurement say together: the median, the mean, and a band around the mean.
 *
 *     mean ± t(n − 1) × s ÷ √n        in 90 of 100 such experiments the true mean lies within
 *
 * Student, "The Probable Error of a Mean", Biometrika 6 (1908). It supposes that repeats are independent and not far from normal; medians and all single
 * points are shown beside it for when they are not. One measurement has no band: nothing is known about its spread.
 */
import { studentT } from './student.ts';

export const CONFIDENCE = 0.9;

export interface Band {
  readonly n: number;
  readonly median: number;
  readonly mean: number;
  /** Undefined: of a single value. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** Undefined: of nothing. */
export function bandOf(values: readonly number[]): Band | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value / n, 0);
  const median = medianOf(values);
  if (n === 1) return { n, median, mean, low: undefined, high: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentT(n - 1, CONFIDENCE) * Math.sqrt(variance / n);
  return { n, median, mean, low: mean - half, high: mean + half };
}

/** Of an even number: between the two in the middle. Of at least one value. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  const sum = sorted[middle - 1]! + sorted[middle]!;
  // Two huge numbers have a middle, too.
  return Number.isFinite(sum) ? sum / 2 : sorted[middle - 1]! / 2 + sorted[middle]! / 2;
}
