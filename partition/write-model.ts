/**
 * Writes ONNX files. Big weights stream from wherever they are into the file, at most one piece of them in memory; protobuf lets the
 * fields of a message come in any order, so a tensor's data can follow everything else it says.
 *
 *     ModelProto without graph │ graph tag, length │ GraphProto without big initializers │ initializer tag, length, head, raw_data …
 */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { GraphProto, ModelProto, TensorProto } from '../proto/gen/onnx/onnx.ts';
import type { Model } from './model.ts';
import { type Payload, payloadLength, streamPayload } from './payload.ts';

/** A model file as a sequence of payloads; nothing is read yet. */
export interface Written {
  readonly bytes: number;
  readonly parts: readonly Payload[];
}

const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;

/** The model as one self-contained file. Payloads of tensors that are not initializers of the main graph must be inline already. */
export function writeModel(model: Model): Written {
  const graph = model.proto.graph ?? GraphProto.fromPartial({});
  const inline = graph.initializer.filter((tensor) => !model.payloads.has(tensor));
  const parts: Payload[] = [memory(GraphProto.encode({ ...graph, initializer: inline }).finish())];
  for (const tensor of graph.initializer) {
    const data = model.payloads.get(tensor);
    if (data === undefined) continue;
    const head = TensorProto.encode(withoutData(tensor)).finish();
    const dataHead = new BinaryWriter().tag(RAW_DATA, 2).uint32(payloadLength(data)).finish();
    const length = head.length + dataHead.length + payloadLength(data);
    parts.push(memory(new BinaryWriter().tag(INITIALIZER, 2).uint32(length).raw(head).raw(dataHead).finish()), data);
  }
  const outer = new BinaryWriter().raw(ModelProto.encode({ ...model.proto, graph: undefined }).finish());
  parts.unshift(memory(outer.tag(GRAPH, 2).uint32(sumOf(parts)).finish()));
  return { bytes: sumOf(parts), parts };
}

/** All bytes in order. A piece is valid until the next one is asked for. */
export async function* streamWritten(written: Written): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of written.parts) yield* streamPayload(part);
}

function withoutData(tensor: TensorProto): TensorProto {
  return { ...tensor, dataLocation: 0, externalData: [], rawData: undefined, floatData: [], doubleData: [] };
}

function memory(bytes: Uint8Array): Payload {
  return { kind: 'memory', bytes };
}

function sumOf(parts: readonly Payload[]): number {
  return parts.reduce((sum, part) => sum + payloadLength(part), 0);
}
