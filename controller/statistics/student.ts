/**
 * How far a mean of few measurements may be from the true one: quantiles of Student's t, and how likely a t is.
 *
 *     share of the distribution between −t and t, for whole degrees of freedom a finite sum:
 *     Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.7.3 (odd) and 26.7.4 (even), with θ = atan(t ÷ √df)
 *
 * It is turned round by bisection: a quantile is asked for a few hundred times in a report, and takes microseconds.
 */

/** From here on t and the normal distribution have the first four digits in common. */
const DEGREES_MAX = 20_000;

/** Doubles have no more digits. */
const HALVINGS = 80;

/** t with a share `within` of the distribution between −t and t. `degrees`: a whole number from 1 on, or Infinity. */
export function studentT(degrees: number, within: number): number {
  if (!(degrees >= 1) || (Number.isFinite(degrees) && !Number.isInteger(degrees)) || !(within > 0 && within < 1)) {
    throw new RangeError(`Student's t of ${degrees} degrees of freedom, ${within}`);
  }
  const df = Math.min(degrees, DEGREES_MAX);
  // Of the angle, not of t: it is bounded, whatever t is.
  let low = 0;
  let high = Math.PI / 2;
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, df) < within) low = middle;
    else high = middle;
  }
  return Math.tan((low + high) / 2) * Math.sqrt(df);
}

/** How likely a t at least so far from 0, on either side, is by chance: 1 at 0. `degrees`: a whole number from 1 on, or Infinity. Below 1e-14 it is rounding. */
export function studentP(t: number, degrees: number): number {
  if (!(degrees >= 1) || (Number.isFinite(degrees) && !Number.isInteger(degrees)) || Number.isNaN(t)) {
    throw new RangeError(`p of a t of ${t} with ${degrees} degrees of freedom`);
  }
  const df = Math.min(degrees, DEGREES_MAX);
  return Math.min(1, Math.max(0, 1 - shareWithin(Math.atan(Math.abs(t) / Math.sqrt(df)), df)));
}

function shareWithin(angle: number, degrees: number): number {
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = 0;
  // Terms cos^k × (2·4·…)/(3·5·…), or (1·3·…)/(2·4·…): k = 1, 3, … df − 2, or 0, 2, … df − 2.
  for (let power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}
