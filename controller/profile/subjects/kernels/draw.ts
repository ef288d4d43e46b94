/** Sizes left to chance, wide and even over their orders of magnitude: a predictor that has seen both ends need not guess. */
import type { Random } from '../../../../mesh/random.ts';
import type { Feature, Network } from '../../../../partition/zoo/network.ts';

/** A kernel that was drawn: what it costs, and how it is written down. What it reads is its own. */
export interface DrawnKernel {
  /** Multiply-accumulates; of what has none, elements that are read and made. */
  readonly work: number;
  readonly weights: number;
  readonly build: (net: Network, name: string) => Feature;
}

/** A tensor that a kernel has just written, as in a model: what comes from outside of the session is in no cache, and moving it takes twice as long. */
export function flowing(net: Network, name: string, dims: readonly number[]): Feature {
  const one = net.input(
    `${name}.from`,
    dims.map(() => 1),
  );
  return net.node(name, 'Expand', [one.name, net.integers(`${name}.shape`, dims)], [], dims);
}

export type Draw = (random: Random) => DrawnKernel;

/** Log-uniform whole number, both ends included. */
export function logInt(random: Random, from: number, to: number): number {
  return Math.min(to, Math.floor(from * ((to + 1) / from) ** random.next()));
}

export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)]!;
}

/** Half of them are what architectures have, multiples of 8; the others show what a runtime that computes in blocks does with the rest. */
export function channelsOf(random: Random, from: number, to: number): number {
  const count = logInt(random, from, to);
  return random.next() < 0.5 || count < 8 ? count : Math.round(count / 8) * 8;
}
