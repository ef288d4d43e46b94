/** Numbers for tests: the same in each run. */
import { filled, sizeOf, type Tensor64 } from './reference/tensor64.ts';

/** Uniform between 0 and 1, by a 32-bit generator (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Shuffled numbers from `low` to `high` that are all as far from each other, so that a small step never changes which of two is larger; none is 0.
 * Rounded to float32, so that both computations start from the same.
 */
export function spreadOut(dims: readonly number[], seed: number, low = -2, high = 2): Tensor64 {
  const count = sizeOf(dims);
  const random = randomOf(seed);
  const values = Array.from({ length: count }, (_, index) => Math.fround(low + ((index + 0.37) / count) * (high - low)));
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [values[last], values[other]] = [values[other]!, values[last]!];
  }
  return filled(dims, (index) => values[index]!);
}

/** Normal numbers, rounded to float32. */
export function normal(dims: readonly number[], seed: number): Tensor64 {
  const random = randomOf(seed);
  return filled(dims, () => Math.fround(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())));
}
