/** Tensors of the mesh ↔ tensors of ONNX Runtime, over the same bytes. */
import { Tensor as OrtTensor } from 'onnxruntime-node';
import { MeshError } from '../../../mesh/error.ts';
import { byteLength, type DType, dtypes } from '../../../mesh/tensor.ts';
import type { ThreadTensor } from './protocol.ts';

/** A typed array over `buffer` of the class that ONNX Runtime wants for this dtype. */
const views: Record<DType, (buffer: ArrayBuffer, count: number) => unknown> = {
  float32: (buffer, count) => new Float32Array(buffer, 0, count),
  float64: (buffer, count) => new Float64Array(buffer, 0, count),
  // ONNX Runtime takes half floats as their 16 bits.
  float16: (buffer, count) => new Uint16Array(buffer, 0, count),
  int8: (buffer, count) => new Int8Array(buffer, 0, count),
  uint8: (buffer, count) => new Uint8Array(buffer, 0, count),
  int16: (buffer, count) => new Int16Array(buffer, 0, count),
  uint16: (buffer, count) => new Uint16Array(buffer, 0, count),
  int32: (buffer, count) => new Int32Array(buffer, 0, count),
  uint32: (buffer, count) => new Uint32Array(buffer, 0, count),
  int64: (buffer, count) => new BigInt64Array(buffer, 0, count),
  uint64: (buffer, count) => new BigUint64Array(buffer, 0, count),
  bool: (buffer, count) => new Uint8Array(buffer, 0, count),
};

export function toOrt({ dtype, dims, buffer }: Omit<ThreadTensor, 'name'>): OrtTensor {
  const count = byteLength(dtype, dims) / dtypes[dtype].bytes;
  return new OrtTensor(dtype as 'float32', views[dtype](buffer, count) as Float32Array, dims);
}

/** Takes over the bytes of an output; copies only if they are part of a larger buffer. Error `unsupported` for strings. */
export function fromOrt(name: string, tensor: OrtTensor): ThreadTensor {
  if (!(tensor.type in dtypes))
    throw new MeshError('unsupported', `output "${name}" has element type ${tensor.type}, which can't be sent between stages`);
  const data = tensor.data as Uint8Array<ArrayBuffer>;
  const whole = data.byteOffset === 0 && data.byteLength === data.buffer.byteLength;
  const buffer = whole ? data.buffer : data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return { name, dtype: tensor.type as DType, dims: tensor.dims, buffer };
}
