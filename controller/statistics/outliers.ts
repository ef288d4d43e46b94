/**
 * Marks measurements that lie far from the other repeats. It only marks: they stay in every mean, band and plot, because what disturbed one run may be
 * what the person looks for.
 *
 *     |x − median| × 0.6745 ÷ MAD  >  3.5        MAD: the median of |x − median|
 *
 * Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC 1993: the modified z-score. When most repeats are the same to the last digit, MAD is 0
 * and says nothing; then the mean of |x − median|, times 1.2533 as for a normal distribution, takes the place of MAD ÷ 0.6745.
 *
 * Of five repeats the score alone marks one normal value in twenty (tried), mostly for differences that nobody would care about; so it must be some per
 * cent off as well.
 */
import { medianOf } from './band.ts';

/** Of fewer repeats nobody can say which is the odd one. */
export const OUTLIERS_FROM = 5;

export const OUTLIER_SCORE = 3.5;

/** Of the median. */
export const OUTLIER_SHARE = 0.05;

/** For each value whether it is one, in the same order. */
export function outliersOf(values: readonly number[]): boolean[] {
  if (values.length < OUTLIERS_FROM) return values.map(() => false);
  const median = medianOf(values);
  const distances = values.map((value) => Math.abs(value - median));
  const mad = medianOf(distances);
  const spread = mad > 0 ? mad / 0.6745 : 1.2533 * (distances.reduce((sum, each) => sum + each, 0) / distances.length);
  const least = OUTLIER_SHARE * Math.abs(median);
  return distances.map((distance) => distance > least && distance / spread > OUTLIER_SCORE);
}
