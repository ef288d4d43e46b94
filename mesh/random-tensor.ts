/**
 * Inputs when a person gives none: the same bytes for the same (seed, frame, input) on every machine, made without a stored file.
 *
 * Floats are uniform in [-1, 1), from the top bits of a 32-bit generator (mulberry32: one multiply-add chain per number, far better than
 * its size suggests, and not for secrets). Integers and booleans are 0: they are usually indices or masks, where random values would be
 * out of range.
 */
import type { FrameId } from './frame.ts';
import { byteLength, type Tensor, type TensorSpec } from './tensor.ts';

/** A dimension that the model leaves open (-1) is 1. */
export function randomTensor(spec: TensorSpec, seed: number, frame: FrameId, inputIndex: number): Tensor {
  const dims = spec.dims.map((dim) => (dim < 0 ? 1 : dim));
  const data = new Uint8Array(byteLength(spec.dtype, dims));
  const next = generator(mix(mix(seed, Number(frame & 0xffffffffn)), inputIndex));
  if (spec.dtype === 'float32') fill(new Float32Array(data.buffer), next);
  else if (spec.dtype === 'float64') fill(new Float64Array(data.buffer), next);
  else if (spec.dtype === 'float16') fillHalf(new Uint16Array(data.buffer), next);
  return { dtype: spec.dtype, dims, data };
}

function fill(values: Float32Array | Float64Array, next: () => number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = (next() | 0) / 0x80000000;
}

/** Half floats with random sign and mantissa and exponent 2⁻¹: [-1, -0.5] and [0.5, 1). */
function fillHalf(values: Uint16Array, next: () => number): void {
  for (let i = 0; i < values.length; i += 1) values[i] = (next() & 0x83ff) | (14 << 10);
}

/** Joins two numbers into one 32-bit seed, so that neighbouring frames have unrelated content (Murmur3's finisher). */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  };
}
