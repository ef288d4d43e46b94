/** Attributes of an ONNX node, by type. */
import { AttributeProto, AttributeProto_AttributeType as Kind, TensorProto } from '../../proto/gen/onnx/onnx.ts';

export const int = (name: string, i: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.INT, i: BigInt(i) });

export const float = (name: string, f: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.FLOAT, f });

export const ints = (name: string, values: readonly number[]): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.INTS, ints: values.map(BigInt) });

export const text = (name: string, value: string): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.STRING, s: Buffer.from(value) });

export const floats = (name: string, values: readonly number[]): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.FLOATS, floats: [...values] });

export const texts = (name: string, values: readonly string[]): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.STRINGS, strings: values.map((value) => Buffer.from(value)) });

/** A vector. `dataType`: ONNX's number of the array's type. */
export const vector = (name: string, dataType: number, { buffer, byteOffset, byteLength, length }: NodeJS.TypedArray): AttributeProto =>
  AttributeProto.fromPartial({
    name,
    type: Kind.TENSOR,
    t: TensorProto.fromPartial({ dims: [BigInt(length)], dataType, rawData: Buffer.from(buffer, byteOffset, byteLength) }),
  });
