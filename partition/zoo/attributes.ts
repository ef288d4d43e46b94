/** Attributes of an ONNX node, by type. */
import { AttributeProto, AttributeProto_AttributeType as Kind } from '../../proto/gen/onnx/onnx.ts';

export const int = (name: string, i: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.INT, i: BigInt(i) });

export const float = (name: string, f: number): AttributeProto => AttributeProto.fromPartial({ name, type: Kind.FLOAT, f });

export const ints = (name: string, values: readonly number[]): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.INTS, ints: values.map(BigInt) });

export const text = (name: string, value: string): AttributeProto =>
  AttributeProto.fromPartial({ name, type: Kind.STRING, s: Buffer.from(value) });
