/**
 * Constants of a graph: initializers, and `Constant` nodes, which say the same in another way and are read as initializers here.
 * A constant belongs to no layer; whoever needs it gets a copy of it.
 */
import { type AttributeProto, type NodeProto, TensorProto } from '../proto/gen/onnx/onnx.ts';
import { domainOf } from './model.ts';

/** The tensor a `Constant` node stands for; undefined for other nodes, and for sparse constants, which stay nodes. */
export function constantOf(node: NodeProto): TensorProto | undefined {
  const output = node.output[0];
  if (node.opType !== 'Constant' || domainOf(node.domain) !== '' || output === undefined) return undefined;
  for (const attribute of node.attribute) {
    const tensor = fromAttribute(attribute);
    if (tensor !== undefined) return Object.assign(tensor, { name: output });
  }
  return undefined;
}

/** For `value` the attribute's own tensor object, so that what is known about it (its payload) stays known. */
function fromAttribute(attribute: AttributeProto): TensorProto | undefined {
  switch (attribute.name) {
    case 'value':
      return attribute.t;
    case 'value_float':
      return make(1, [], floatBytes([attribute.f ?? 0]));
    case 'value_floats':
      return make(1, [attribute.floats.length], floatBytes(attribute.floats));
    case 'value_int':
      return make(7, [], intBytes([attribute.i ?? 0n]));
    case 'value_ints':
      return make(7, [attribute.ints.length], intBytes(attribute.ints));
    case 'value_string':
      return TensorProto.fromPartial({ dataType: 8, stringData: [attribute.s ?? Buffer.alloc(0)] });
    case 'value_strings':
      return TensorProto.fromPartial({ dataType: 8, dims: [BigInt(attribute.strings.length)], stringData: attribute.strings });
    default:
      return undefined;
  }
}

function make(dataType: number, dims: readonly number[], rawData: Buffer): TensorProto {
  return TensorProto.fromPartial({ dataType, dims: dims.map(BigInt), rawData });
}

function floatBytes(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return bytes;
}

function intBytes(values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => {
    bytes.writeBigInt64LE(value, index * 8);
  });
  return bytes;
}
