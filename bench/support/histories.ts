/** Made-up histories of a benchmark: the same program run by run, with the kinds of noise that devices make. All about the level 1, with a standard deviation of about 3 %. */
import { normal } from '../../mesh/normal.ts';
import type { Random } from '../../mesh/random.ts';

/** Each makes a function that gives the next deviation, as a share of the level. */
export const noises = {
  white: (random: Random) => () => 0.03 * normal(random),
  /** One run in twenty is 20 to 60 % slower. */
  spiky: (random: Random) => () => 0.01 * normal(random) + (random.next() < 0.05 ? 0.2 + 0.4 * random.next() : 0),
  /** Each run in one of two modes, by chance. */
  bimodal: (random: Random) => () => (random.next() < 0.5 ? -0.03 : 0.03) + 0.005 * normal(random),
  /** Every run remembers seven tenths of what was unusual of the one before. */
  'AR(1) 0.7': (random: Random) => autoregressive(random, 0.7, 0.03),
  /** Two modes that stay: after each run the other one with one chance in five. */
  'modes of 5 runs': (random: Random) => modes(random, 0.2),
  'modes of 20 runs': (random: Random) => modes(random, 0.05),
  'AR(1) 0.3': (random: Random) => autoregressive(random, 0.3, 0.03),
  'AR(1) 0.5': (random: Random) => autoregressive(random, 0.5, 0.03),
  'AR(1) 0.9': (random: Random) => autoregressive(random, 0.9, 0.03),
  'heavy tails': (random: Random) => () => 0.0173 * studentOf3(random),
} as const;

export type NoiseKind = keyof typeof noises;

function autoregressive(random: Random, phi: number, deviation: number): () => number {
  let last = deviation * normal(random);
  return () => {
    const now = last;
    last = phi * last + deviation * Math.sqrt(1 - phi * phi) * normal(random);
    return now;
  };
}

function modes(random: Random, change: number): () => number {
  let mode = random.next() < 0.5 ? -0.03 : 0.03;
  return () => {
    if (random.next() < change) mode = -mode;
    return mode + 0.005 * normal(random);
  };
}

/** Student's t with three degrees of freedom: variance 3. Cut where nothing would be left of a level. */
function studentOf3(random: Random): number {
  const spread = Math.sqrt((normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2) / 3);
  return Math.max(-40, Math.min(40, normal(random) / spread));
}

/** Of `length` runs; from run `at` on, `ratio` times the level. */
export function history(kind: NoiseKind, length: number, random: Random, step?: { readonly at: number; readonly ratio: number }): number[] {
  const next = noises[kind](random);
  return Array.from({ length }, (_, run) => (1 + next()) * (step !== undefined && run >= step.at ? step.ratio : 1));
}
