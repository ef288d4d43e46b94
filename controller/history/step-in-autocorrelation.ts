/**
 * The re-test of a change point, for runs that remember the ones before them: is a step a better explanation than noise that wanders?
 *
 *     no step     x(t) = level                     + e(t)          e(t) = φ e(t − 1) + chance, φ the one that fits best
 *     a step      x(t) = level + size × (t ≥ place) + e(t)          φ the one that fits best then
 *
 *     t² = df × (squares left without ÷ squares left with − 1)          the likelihood ratio, as a Student's t
 *
 * Differences x(t) − φ x(t − 1) are independent, so both fits are least squares (Cochrane, Orcutt, JASA 44 (1949); the first value as Prais and Winsten do, 1954).
 * φ is fitted for each of the two by itself. One that is estimated with the step taken away is too small, and noise that remembers raises alarms; one that is
 * estimated with the step in it takes the step for memory (docs/decisions/0024 has figures). All places are tried: in noise with memory the step itself, one
 * large difference, tells the place far better than means do.
 *
 * Ten runs say nothing of φ. So it is supposed to be about 0.6 before there are any; that costs little against what sixty runs say.
 */
import { studentP } from '../statistics/student.ts';

/** Supposed before there are runs: log-likelihood −PRIOR × (φ − PHI_PRIOR)². */
const PHI_PRIOR = 0.6;
const PRIOR = 10;

const PHI_STEP = 0.05;
const PHI_MAX = 0.9;

export interface FittedStep {
  /** Values before it. */
  readonly place: number;
  /** Two-sided, of this one place. */
  readonly p: number;
  /** Of the noise, without and with the step. */
  readonly phiWithout: number;
  readonly phiWith: number;
}

/**
 * The best place for a step, at least `lengthMin` values from either end. `deviationLeast`: what the noise has at least, so that identical values are not
 * infinitely sure. Undefined: too few values.
 */
export function fitStep(values: readonly number[], lengthMin: number, deviationLeast: number): FittedStep | undefined {
  const count = values.length;
  if (count < 2 * lengthMin || count <= 3) return undefined;
  const least = count * deviationLeast ** 2 + Number.MIN_VALUE;
  // The likelihood of φ is 1 ÷ (squares × its weight), to the power of count ÷ 2: no logarithm for each place and φ.
  const withStep = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const phis = new Float64Array(count);
  const squares = new Float64Array(count);
  let without = Number.POSITIVE_INFINITY;
  let phiWithout = 0;
  for (let step = 0; step * PHI_STEP <= PHI_MAX; step += 1) {
    const phi = step * PHI_STEP;
    const weight = Math.exp((-Math.log(1 - phi * phi) + 2 * PRIOR * (phi - PHI_PRIOR) ** 2) / count);
    const left = (squaresLeft(values, phi, lengthMin, squares) + least) * weight;
    if (left < without) [without, phiWithout] = [left, phi];
    for (let place = lengthMin; place <= count - lengthMin; place += 1) {
      const weighted = (squares[place]! + least) * weight;
      if (weighted < withStep[place]!) {
        withStep[place] = weighted;
        phis[place] = phi;
      }
    }
  }
  let best = lengthMin;
  for (let place = lengthMin; place <= count - lengthMin; place += 1) if (withStep[place]! < withStep[best]!) best = place;
  const degrees = count - 3;
  const t = Math.sqrt(degrees * Math.max(0, without / withStep[best]! - 1));
  return { place: best, p: studentP(t, degrees), phiWithout, phiWith: phis[best]! };
}

/** Of the differences: what a level leaves (the answer), and what a level and a step leave, into `squares` at the step's place. */
function squaresLeft(values: readonly number[], phi: number, lengthMin: number, squares: Float64Array): number {
  const count = values.length;
  const first = Math.sqrt(1 - phi * phi);
  const rest = 1 - phi;
  // Of a constant level the first difference has `first`, each other one `rest`; of a step its own place has 1, each later one `rest`.
  const levels = first ** 2 + (count - 1) * rest ** 2;
  let projected = first * first * values[0]!;
  let sum = (first * values[0]!) ** 2;
  for (let at = 1; at < count; at += 1) {
    const difference = values[at]! - phi * values[at - 1]!;
    projected += rest * difference;
    sum += difference ** 2;
  }
  const without = Math.max(0, sum - projected ** 2 / levels);
  let later = 0;
  for (let place = count - 1; place >= lengthMin; place -= 1) {
    const difference = values[place]! - phi * values[place - 1]!;
    const steps = 1 + (count - place - 1) * rest ** 2;
    const both = rest + (count - place - 1) * rest ** 2;
    const stepped = difference + rest * later;
    later += difference;
    const determinant = levels * steps - both ** 2;
    const across = levels * stepped - both * projected;
    squares[place] = Math.max(0, without - across ** 2 / (determinant * levels));
  }
  return without;
}
