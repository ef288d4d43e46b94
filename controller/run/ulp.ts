/**
 * Distance of two numbers in units in the last place: how many representable numbers of their type one has to step over. Both zeros are one
 * number; integers count by ones.
 */
import type { DType } from '../../mesh/tensor.ts';

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/** Infinity when either is no number, or only one is infinite. `dtype`: the type both are of. */
export function ulpDistance(dtype: DType, a: number, b: number): number {
  if (a === b || Object.is(a, b)) return 0;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
  if (dtype === 'float32') return Math.abs(orderOfSingle(a) - orderOfSingle(b));
  if (dtype === 'float64') return Number(magnitude(orderOfDouble(a) - orderOfDouble(b)));
  if (dtype === 'float16') return Math.abs(orderOfHalf(a) - orderOfHalf(b));
  return Math.abs(a - b);
}

/** IEEE 754 numbers are ordered like their bits, read as sign and magnitude. */
function orderOfSingle(value: number): number {
  single[0] = value;
  const bits = singleBits[0]!;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

function orderOfDouble(value: number): bigint {
  double[0] = value;
  const bits = doubleBits[0]!;
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

/** Of a number that is a half: 11 significant bits, smallest normal exponent -14. */
function orderOfHalf(value: number): number {
  const size = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const order = (exponent + 14) * 1024 + size / 2 ** (exponent - 10);
  return Math.sign(value) * order;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
