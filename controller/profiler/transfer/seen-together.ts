/**
 * The first timings of a device, looked at together: whichever of them is wild, the others outvote it. A recursion can't do that, because its first
 * timing is all it has when the second comes.
 *
 *     offset ← median of what the prior belief leaves     repeat: weight = min(1, huber ÷ |residual in deviations|), belief ← prior + weighted rows
 *
 * Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35 (1964), by weighted least squares.
 */
import { median } from '../../../mesh/ranked.ts';
import { type Belief, moments, type Row, seen, valueAt } from './belief.ts';
import { dot } from './positive-definite.ts';

const ROUNDS = 12;

export interface Together {
  readonly belief: Belief;
  /** What is left of each row. */
  readonly residuals: readonly number[];
}

/** `noise`: variance. Features of all rows begin with 1. */
export function seenTogether(prior: Belief, rows: readonly Row[], noise: number, huber: number): Together {
  const { mean } = moments(prior);
  const left = rows.map(({ features, target }) => target - dot(mean, features));
  // Of two that disagree the lower one: what disturbs only makes slower.
  const middle = left.length === 0 ? 0 : median(left);
  let residuals = left.map((each) => each - middle);
  let belief = prior;
  for (let round = 0; round < ROUNDS; round += 1) {
    belief = rows.reduce((now, row, index) => seen(now, row, weightOf(residuals[index]!, noise, huber) / noise), prior);
    const now = moments(belief);
    residuals = rows.map(({ features, target }) => target - valueAt(now, features).mean);
  }
  return { belief, residuals };
}

/** Of a residual with that variance. */
export function weightOf(residual: number, variance: number, huber: number): number {
  const deviations = Math.abs(residual) / Math.sqrt(variance);
  return deviations <= huber ? 1 : huber / deviations;
}
