/**
 * Randomness of a simulation: one seed, and a stream of numbers of its own for each purpose, so that a change in what one part asks for
 * leaves the decisions of all others as they were.
 */
import { Random } from '../../mesh/random.ts';

export function streamOf(seed: number, purpose: string): Random {
  let hash = 0x811c9dc5 ^ seed;
  for (const letter of purpose) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return new Random(seed * 2 ** 20 + (hash >>> 12));
}

/** At least `low`, less than `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + random.next() * (high - low);
}

export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}
