/**
 * The numbers in small constant tensors (shapes, axes, pads, scales), whichever of ONNX's ways of writing them down was used.
 */
import { elementCount } from '../mesh/tensor.ts';
import type { TensorProto } from '../proto/gen/onnx/onnx.ts';
import { type Payload, readPayload } from './payload.ts';

/** Constants with more elements are weights; nobody looks at their values. */
export const VALUES_MAX = 1024;

/**
 * All elements as numbers, or undefined: too many, strings, exotic types, inconsistent, or integers that a number can't hold exactly.
 * `payload` is given for tensors whose bytes are outside the message.
 */
export function tensorValues(tensor: TensorProto, payload?: Payload): readonly number[] | undefined {
  const dims = tensor.dims.map(Number);
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) return undefined;
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (count > VALUES_MAX || elementCount(dims) !== count) return undefined;
  const raw = tensorData(tensor, payload);
  const values = raw !== undefined && raw.length > 0 ? fromRaw(tensor.dataType, raw, count) : fromVarints(tensor, count);
  return values?.every((value) => !Number.isInteger(value) || Number.isSafeInteger(value)) ? values : undefined;
}

/** Its elements as they lie in memory, little-endian; undefined when they are written down as lists of integers. */
export function tensorData(tensor: TensorProto, payload?: Payload): Uint8Array | undefined {
  if (payload !== undefined) return readPayload(payload);
  if (tensor.rawData !== undefined) return tensor.rawData;
  if (tensor.floatData.length > 0) return Buffer.concat(tensor.floatData);
  if (tensor.doubleData.length > 0) return Buffer.concat(tensor.doubleData);
  return undefined;
}

type Reader = (view: DataView, index: number) => number;

const readers: Readonly<Record<number, { readonly bytes: number; readonly read: Reader }>> = {
  1: { bytes: 4, read: (view, i) => view.getFloat32(i * 4, true) },
  2: { bytes: 1, read: (view, i) => view.getUint8(i) },
  3: { bytes: 1, read: (view, i) => view.getInt8(i) },
  4: { bytes: 2, read: (view, i) => view.getUint16(i * 2, true) },
  5: { bytes: 2, read: (view, i) => view.getInt16(i * 2, true) },
  6: { bytes: 4, read: (view, i) => view.getInt32(i * 4, true) },
  7: { bytes: 8, read: (view, i) => Number(view.getBigInt64(i * 8, true)) },
  9: { bytes: 1, read: (view, i) => view.getUint8(i) },
  11: { bytes: 8, read: (view, i) => view.getFloat64(i * 8, true) },
  12: { bytes: 4, read: (view, i) => view.getUint32(i * 4, true) },
  13: { bytes: 8, read: (view, i) => Number(view.getBigUint64(i * 8, true)) },
};

function fromRaw(dataType: number, raw: Uint8Array, count: number): number[] | undefined {
  const reader = readers[dataType];
  if (reader === undefined || raw.length !== count * reader.bytes) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: count }, (_, index) => reader.read(view, index));
}

function fromVarints(tensor: TensorProto, count: number): number[] | undefined {
  if (readers[tensor.dataType] === undefined) return undefined;
  const values: number[] = [];
  for (const block of [...tensor.int32Data, ...tensor.int64Data, ...tensor.uint64Data]) {
    let value = 0n;
    let shift = 0n;
    for (const byte of block) {
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (shift > 70n) return undefined;
      if (byte < 0x80) {
        values.push(Number(tensor.uint64Data.length > 0 ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)));
        value = 0n;
        shift = 0n;
      }
    }
  }
  return values.length === count ? values : undefined;
}
