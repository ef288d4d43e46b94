/** A tensor's bytes as numbers, without a copy where JavaScript has the type. */
import type { Tensor } from '../../mesh/tensor.ts';

/** 64-bit integers are rounded to the nearest double. */
export function numbersOf({ dtype, data }: Tensor): ArrayLike<number> {
  const aligned = data.byteOffset % 8 === 0 ? data : data.slice();
  const view = <T>(type: new (buffer: ArrayBuffer, offset: number, length: number) => T, bytes: number): T =>
    new type(aligned.buffer, aligned.byteOffset, aligned.byteLength / bytes);
  switch (dtype) {
    case 'float32':
      return view(Float32Array, 4);
    case 'float64':
      return view(Float64Array, 8);
    case 'float16':
      return Float64Array.from(view(Uint16Array, 2), halfToNumber);
    case 'int8':
      return view(Int8Array, 1);
    case 'uint8':
    case 'bool':
      return view(Uint8Array, 1);
    case 'int16':
      return view(Int16Array, 2);
    case 'uint16':
      return view(Uint16Array, 2);
    case 'int32':
      return view(Int32Array, 4);
    case 'uint32':
      return view(Uint32Array, 4);
    case 'int64':
      return Float64Array.from(Array.from(view(BigInt64Array, 8), Number));
    case 'uint64':
      return Float64Array.from(Array.from(view(BigUint64Array, 8), Number));
  }
}

/** IEEE 754 binary16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
