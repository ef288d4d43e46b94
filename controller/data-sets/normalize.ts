/**
 * Brings a window to a common scale, each by itself, so that a model sees the form of a vibration and not its loudness.
 *
 *     0-1: (x − min) / (max − min)        1-1: 2 (x − min) / (max − min) − 1        mean-std: (x − mean) / standard deviation
 */
import { MeshError } from '../../mesh/error.ts';
import type { Normalization } from './data-set.ts';

/**
 * Writes `from`, which is finite, into `to` of the same length; values are rounded to float32 once, at the end. Error `invalid`: a constant
 * window has no scale; one of numbers so large that their difference or square overflows has none either. `about` stands in front of it.
 */
export function normalize(from: Float64Array, to: Float32Array, normalization: Normalization, about: string): void {
  const [offset, spread] = normalization === 'mean-std' ? moments(from) : range(from);
  if (!(spread > 0 && spread < Number.POSITIVE_INFINITY)) {
    const what = spread === 0 ? `all ${from.length} samples are ${from[0]}` : 'the samples are too large';
    throw new MeshError('invalid', `${about} can't be normalized (${normalization}): ${what}`, {
      hint: 'is it the right channel, and was the sensor connected?',
    });
  }
  const [scale, shift] = normalization === '1-1' ? [2, -1] : [1, 0];
  for (let index = 0; index < from.length; index += 1) to[index] = (scale * (from[index]! - offset)) / spread + shift;
}

/** Least, and how much more the largest is. */
function range(values: Float64Array): readonly [least: number, spread: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most - least];
}

/** In two passes: a large mean must not swallow a small deviation. */
function moments(values: Float64Array): readonly [mean: number, deviation: number] {
  // A constant window shall have no deviation, not one that was made by rounding.
  if (range(values)[1] === 0) return [values[0]!, 0];
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return [mean, Math.sqrt(squares / values.length)];
}
