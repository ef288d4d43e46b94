/**
 * A tensor is a dtype, a shape and bytes: dense, row-major, little-endian. The bytes are a view; nobody copies them without need.
 *
 * Element types carry the numbers of ONNX TensorProto.DataType, on the wire and in models alike.
 */
import { MeshError } from './error.ts';

export const dtypes = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int8: { code: 3, bytes: 1 },
  uint16: { code: 4, bytes: 2 },
  int16: { code: 5, bytes: 2 },
  int32: { code: 6, bytes: 4 },
  int64: { code: 7, bytes: 8 },
  bool: { code: 9, bytes: 1 },
  float16: { code: 10, bytes: 2 },
  float64: { code: 11, bytes: 8 },
  uint32: { code: 12, bytes: 4 },
  uint64: { code: 13, bytes: 8 },
} as const satisfies Record<string, { code: number; bytes: number }>;

export type DType = keyof typeof dtypes;

const byCode = new Map<number, DType>(Object.entries(dtypes).map(([name, { code }]) => [code, name as DType]));

/** The dtype with this ONNX number; undefined for strings, complex numbers and whatever else has no fixed size. */
export function knownDType(code: number): DType | undefined {
  return byCode.get(code);
}

/** The dtype with this ONNX number. Error `unsupported` for strings, complex numbers and whatever else has no fixed size. */
export function dtypeOfCode(code: number): DType {
  const dtype = knownDType(code);
  if (dtype === undefined) {
    throw new MeshError(
      'unsupported',
      `element type ${code} (ONNX numbering) can't be sent between stages; expected one of ${[...byCode.values()].join(', ')}`,
    );
  }
  return dtype;
}

/** Name, dtype and shape, without bytes. A dimension of -1 is not known before a frame arrives. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
}

export interface Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Exactly `elementCount(dims) × dtypes[dtype].bytes` bytes; `byteOffset` is a multiple of 8. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Product of the dimensions; 1 for a scalar. Error `invalid` when a dimension is negative, no integer, or the product is not exact. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new MeshError('invalid', `tensor shape [${dims.join(', ')}] has a dimension that is not a size`);
    count *= dim;
  }
  if (!Number.isSafeInteger(count)) throw new MeshError('invalid', `tensor shape [${dims.join(', ')}] is too large`);
  return count;
}

export function byteLength(dtype: DType, dims: readonly number[]): number {
  return elementCount(dims) * dtypes[dtype].bytes;
}

/** For messages: `float32[1, 3, 224, 224]`, unknown dimensions as `?`. */
export function formatSpec(spec: { readonly dtype: DType; readonly dims: readonly number[] }): string {
  return `${spec.dtype}[${spec.dims.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]`;
}
