/**
 * Normally distributed numbers from evenly distributed ones (Box, Muller, "A note on the generation of random normal deviates", Annals of
 * Mathematical Statistics 29, 1958). Another mathematical library may round the last bit otherwise.
 */
import type { Random } from './random.ts';

/** Mean 0, standard deviation 1. */
export function normal(random: Random): number {
  // 1 − u lies above 0: its logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
