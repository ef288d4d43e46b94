/**
 * What counts of a value that lies far out: as much as the limit, however far it is. Spikes become small, and a step stays what it is, because all values
 * after it have it.
 *
 *                  ▲ spike                      ▲
 *     limit ─ ─ ─ ─●─ ─ ─ ─ ─ ─ ─ ─ ─ ─    ─ ─ ─●─ ─ ─ ─ ─●●─●●●      k × spread about the median of both sides together
 *            · · ·   · · · · · · · · ·     · · ·   · · · ·             spread: of the values about the median of their own side
 *
 * Winsorized, as Tukey called it ("The Future of Data Analysis", Annals of Mathematical Statistics 33, 1962). The spread is the larger one of MAD ÷ 0.6745
 * and the distance of the quartiles ÷ 1.349, which are the standard deviation of normal noise. Noise of two modes makes the first of them nearly nothing when a few more than
 * half of the values are in one mode; the second one does not see what a quarter of the values do.
 */
import { medianOf } from '../statistics/band.ts';

/** Standard deviation of what is normal about the values, whatever up to a quarter of them do. Of at least one value. */
export function robustDeviation(residuals: readonly number[]): number {
  const sorted = residuals.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  const quartiles = sorted[Math.round(0.75 * last)]! - sorted[Math.round(0.25 * last)]!;
  return Math.max(medianOf(residuals.map(Math.abs)) / 0.6745, quartiles / 1.349);
}

export function clipped(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

/** The two sides of a place in a series, made ready for tests. */
export interface Sides {
  /** Of each value, its distance from the median of all. */
  readonly offsets: readonly number[];
  /** From the median of its side. */
  readonly residuals: readonly number[];
  readonly before: number;
  readonly after: number;
  /** At least `spreadLeast`. */
  readonly spread: number;
  /** A 400th of the level: nothing is taken to be steadier than that. 0: all is 0. */
  readonly spreadLeast: number;
}

const SPREAD_LEAST = 1 / 400;

/** `place`: how many values lie before it; at least one on each side. */
export function sidesOf(values: readonly number[], place: number): Sides {
  const before = medianOf(values.slice(0, place));
  const after = medianOf(values.slice(place));
  const middle = medianOf(values);
  const residuals = values.map((value, index) => value - (index < place ? before : after));
  const spreadLeast = SPREAD_LEAST * Math.max(Math.abs(before), Math.abs(after));
  return {
    ...{ before, after, residuals },
    offsets: values.map((value) => value - middle),
    spread: Math.max(robustDeviation(residuals), spreadLeast),
    spreadLeast,
  };
}
