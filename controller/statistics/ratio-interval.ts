/**
 * How far the ratio of two medians may be from the true one: the bootstrap.
 *
 *     draw a* from a, b* from b, with replacement ──▶ median(b*) ÷ median(a*)      many times; between which the middle ones lie
 *
 * Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7 (1979): percentiles. Of few values they lie too close together, so they
 * are taken further out, as far as Student's t lies outside of the normal distribution: Hesterberg, "What Teachers Should Know About the Bootstrap", The
 * American Statistician 69 (2015), expanded percentiles. BCa needs the jackknife, which knows nothing of medians.
 */
import type { Random } from '../../mesh/random.ts';
import { medianOf } from './band.ts';
import { studentP, studentT } from './student.ts';

const DRAWS = 2_000;

export interface RatioInterval {
  readonly low: number;
  readonly high: number;
}

/** Of median(b) ÷ median(a), values at least 0. `within`: the share of such intervals that have the true one. Error RangeError: fewer than two values in a sample. */
export function ratioInterval(a: readonly number[], b: readonly number[], within: number, random: Random): RatioInterval {
  if (a.length < 2 || b.length < 2) throw new RangeError('interval of a ratio: expected two values or more of each');
  const ratios = Float64Array.from({ length: DRAWS }, () => {
    const below = medianOf(drawn(a, random));
    const above = medianOf(drawn(b, random));
    return below === above ? 1 : above / below;
  }).sort();
  const outside = Math.min(...[a, b].map(({ length }) => outsideOf(length, within)));
  const left = Math.floor((outside / 2) * DRAWS);
  return { low: ratios[left]!, high: ratios[DRAWS - 1 - left]! };
}

/** The share of draws that is left out, at both ends together. */
function outsideOf(count: number, within: number): number {
  return studentP(studentT(count - 1, within) * Math.sqrt(count / (count - 1)), Number.POSITIVE_INFINITY);
}

function drawn(values: readonly number[], random: Random): number[] {
  return values.map(() => values[random.below(values.length)]!);
}
