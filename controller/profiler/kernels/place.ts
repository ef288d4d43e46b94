/**
 * What a kernel's time depends on besides its own work: the kernels that run together with it.
 *
 * Whether weights are still in a cache when they are wanted again: the same product of a vector and a matrix of 512 KiB takes 39 µs in a model of that size, and 65 µs
 * in one of 100 MiB. And where the result goes: what leaves the session is written to memory that was never touched before, page by page; the same reorder takes
 * 190 µs within a model, and 420 µs at its end.
 */
import type { Kernel } from '../../../mesh/kernel.ts';
import { kernelWork } from './work.ts';

export interface Place {
  /** Bytes that all of them touch in an inference, the exponent of a power of two: all weights, and the largest that one kernel reads and writes besides. */
  readonly memory: number;
  /** Its result leaves the session: it is the last. */
  readonly leaves: boolean;
}

/** Less is in the cache of every processor, more in none: 2^18 to 2^26 bytes. */
const MEMORY_MIN = 18;
const MEMORY_MAX = 26;

/** Of each, in their order. */
export function placesOf(together: readonly Kernel[]): readonly Place[] {
  let [weights, flowing] = [0, 0];
  for (const kernel of together) {
    const { weightBytes, inputBytes, outputBytes } = kernelWork(kernel);
    weights += weightBytes;
    flowing = Math.max(flowing, inputBytes + outputBytes);
  }
  const memory = Math.min(Math.max(Math.round(Math.log2(Math.max(1, weights + flowing))), MEMORY_MIN), MEMORY_MAX);
  return together.map((_, index) => ({ memory, leaves: index === together.length - 1 }));
}

/** 0: in the cache of every processor; 1: in none. */
export function coldness({ memory }: Place): number {
  return (memory - MEMORY_MIN) / (MEMORY_MAX - MEMORY_MIN);
}
