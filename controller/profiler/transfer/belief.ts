/**
 * What is believed of a linear function: normal, in information form. A timing adds to both terms, so that order does not matter; forgetting goes
 * back to the prior and no further, so that what is not seen for long becomes uncertain again without ever blowing up (Kulhavý and Zarrop,
 * "On a general concept of forgetting", International Journal of Control 58, 1993).
 *
 *     precision ← precision + w φ φᵀ ÷ noise        information ← information + w φ y ÷ noise        mean = precision⁻¹ information
 */
import { dot, inverse, type Matrix, product } from './positive-definite.ts';

export interface Belief {
  readonly precision: Matrix;
  readonly information: readonly number[];
}

export interface Moments {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/** One timing: its features, and by how much it is off. */
export interface Row {
  readonly features: readonly number[];
  readonly target: number;
}

export interface Spreads {
  readonly offset: number;
  readonly weight: number;
  readonly sum: number;
}

/**
 * Mean 0. Of an offset and `weights` weights, whose sum has another spread than what moves between them: their precision is
 * (I − J ÷ n) ÷ weight² + J ÷ sum², J all ones.
 */
export function priorBelief(weights: number, { offset, weight, sum }: Spreads): Belief {
  const between = (row: number, column: number): number => ((row === column ? 1 : 0) - 1 / weights) / weight ** 2 + sum ** -2;
  const indices = Array.from({ length: weights + 1 }, (_, index) => index);
  const entry = (row: number, column: number): number => {
    if (row > 0 && column > 0) return between(row, column);
    return row === column ? offset ** -2 : 0;
  };
  return { precision: indices.map((row) => indices.map((column) => entry(row, column))), information: indices.map(() => 0) };
}

export function moments({ precision, information }: Belief): Moments {
  const covariance = inverse(precision);
  return { mean: product(covariance, information), covariance };
}

/** `certainty`: its weight divided by the variance of its noise. */
export function seen({ precision, information }: Belief, { features, target }: Row, certainty: number): Belief {
  return {
    precision: precision.map((row, i) => row.map((value, j) => value + certainty * features[i]! * features[j]!)),
    information: information.map((value, i) => value + certainty * features[i]! * target),
  };
}

/** What was seen counts `share` of what it did. */
export function faded(belief: Belief, prior: Belief, share: number): Belief {
  const mix = (now: number, then: number): number => share * now + (1 - share) * then;
  return {
    precision: belief.precision.map((row, i) => row.map((value, j) => mix(value, prior.precision[i]![j]!))),
    information: belief.information.map((value, i) => mix(value, prior.information[i]!)),
  };
}

/** The same mean, with more variance in the first coefficient: as if it could have become any other of such a spread. */
export function loosened(belief: Belief, spread: number): Belief {
  const { mean, covariance } = moments(belief);
  const precision = inverse(covariance.map((row, i) => row.map((value, j) => (i === 0 && j === 0 ? value + spread ** 2 : value))));
  return { precision, information: product(precision, mean) };
}

/** Of the function's value, without noise. */
export function valueAt({ mean, covariance }: Moments, features: readonly number[]): { readonly mean: number; readonly variance: number } {
  return { mean: dot(mean, features), variance: Math.max(0, dot(features, product(covariance, features))) };
}
