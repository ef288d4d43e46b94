/**
 * Makes another example of a vibration window, as it could have been measured too: each step happens or not, by chance.
 *
 *     window ─ ½ stretched ─ ½ noise ─ ½ louder or softer ─ ½ a run of zeros ─▶ window
 *
 * The steps and their sizes are those of Zhao et al., "Deep Learning Algorithms for Rotating Machinery Intelligent Diagnosis: An Open Source
 * Benchmark Study", ISA Transactions 107, 2020. Two things differ, so that nothing but the result is needed: stretching comes first, and it
 * resamples with cubic convolution (Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29, 1981) where the benchmark goes through
 * a Fourier transform.
 */
import { normal } from '../../../mesh/normal.ts';
import type { Random } from '../../../mesh/random.ts';

/** Standard deviations: of the noise, in units of the normalized window; of the factor around 1. */
const NOISE = 0.01;
const SCALING = 0.01;
/** From 0.85 to 1.15 times as long. */
const STRETCHING = 0.3;
const ZEROS = 20;

/** Writes into `to`, which is as long as `from` and another array. Runs once per example and epoch, under limits of memory: nothing is allocated. */
export function augment(from: Float32Array, to: Float32Array, random: Random): void {
  const { length } = to;
  let [start, end] = [0, length];
  if (happens(random)) {
    const stretched = Math.floor(length * (1 + (random.next() - 0.5) * STRETCHING));
    const left = happens(random);
    // Shorter: zeros at one side. Longer: cut off at one side.
    if (stretched < length) [start, end] = left ? [length - stretched, length] : [0, stretched];
    const first = stretched > length && left ? stretched - length : 0;
    to.fill(0);
    for (let index = start; index < end; index += 1) to[index] = between(from, ((index - start + first) * length) / stretched);
  } else to.set(from);
  if (happens(random)) for (let index = start; index < end; index += 1) to[index]! += NOISE * normal(random);
  if (happens(random)) {
    const factor = 1 + SCALING * normal(random);
    for (let index = start; index < end; index += 1) to[index]! *= factor;
  }
  if (happens(random)) {
    const run = Math.min(ZEROS, length);
    const at = random.below(length - run + 1);
    to.fill(0, at, at + run);
  }
}

function happens(random: Random): boolean {
  return random.next() < 0.5;
}

/** The value between two samples, by a cubic through the four around it; behind its ends the signal stays as it is there. Keys, equation 15. */
function between(from: Float32Array, at: number): number {
  const index = Math.floor(at);
  const u = at - index;
  const last = from.length - 1;
  const a = from[Math.max(0, index - 1)]!;
  const b = from[index]!;
  const c = from[Math.min(last, index + 1)]!;
  const d = from[Math.min(last, index + 2)]!;
  return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
}
