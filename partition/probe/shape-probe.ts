/**
 * A model that tells the shapes of all its tensors when it is run once: the nodes of the whole model, with every intermediate tensor as
 * an output. Shapes do not depend on weights, so weights stay at home: each big one becomes an input that the warm-up feeds with zeros.
 *
 *     conv1.weight [64, 3, 7, 7], 38 kB of floats      ──▶ input conv1.weight [64, 3, 7, 7]       a few kilobytes to send, whatever
 *     image ──▶ conv ──▶ relu ──▶ fc ──▶ logits        ──▶ outputs conv.out, relu.out, logits      the model weighs
 */
import { knownDType, type TensorSpec } from '../../mesh/tensor.ts';
import type { ModelProto, TensorProto, ValueInfoProto } from '../../proto/gen/onnx/onnx.ts';
import { extractModel, valueInfo } from '../extract.ts';
import { isFlowing, type ModelGraph } from '../graph.ts';
import type { Fact } from '../infer/fact.ts';
import type { Facts } from '../infer/infer.ts';
import type { Model } from '../model.ts';
import { payloadLength } from '../payload.ts';
import { STAGE_INLINE_BYTES_MAX } from '../stage-files.ts';
import { bytesOf } from '../tensor-bytes.ts';
import { tensorSpec } from '../tensor-spec.ts';

export interface ShapeProbe {
  readonly model: Model;
  /** What to feed with zeros; -1: any size will do. */
  readonly inputs: readonly TensorSpec[];
  /** Every tensor that flows through the model. */
  readonly outputs: readonly string[];
  /** What it takes to hold all of them at once, as far as static inference knows. */
  readonly bytes: number;
}

/** Tensors of these operators are sequences or optionals, which a session can't return. */
const sequences = new Set([
  'SequenceConstruct',
  'SequenceEmpty',
  'SequenceErase',
  'SequenceInsert',
  'SplitToSequence',
  'Optional',
  'SequenceMap',
]);

/** undefined when an input of the model is of a type that can't be sent, or unknown: nobody could run it. */
export function shapeProbe(graph: ModelGraph, facts: Facts): ShapeProbe | undefined {
  if (!graph.inputs.every((name) => isSendable(facts.get(name)))) return undefined;
  const nodes = graph.nodes.filter((node) => !node.fixed);
  const outputs = nodes.filter(({ operator }) => !sequences.has(operator)).flatMap((node) => node.outputs);
  const inputs = graph.inputs.map((name) => tensorSpec(graph, facts, name, 'input'));
  const whole = extractModel(graph, { name: graph.model.name, nodes, inputs, outputs: [] });
  const kept: TensorProto[] = [];
  const fed: TensorSpec[] = [];
  for (const tensor of whole.proto.graph!.initializer) {
    const spec = weightSpec(whole, tensor);
    if (spec === undefined) kept.push(tensor);
    else fed.push(spec);
  }
  const proto: ModelProto = {
    ...whole.proto,
    graph: {
      ...whole.proto.graph!,
      initializer: kept,
      input: [...whole.proto.graph!.input, ...fed.map(valueInfo)],
      output: outputs.map(untyped),
      // What the file says of them is what is to be checked.
      valueInfo: [],
    },
  };
  const specs = [...inputs, ...fed];
  const flowing = [...graph.inputs, ...outputs].filter((name) => isFlowing(graph, name));
  const bytes = flowing.reduce((sum, name) => sum + (bytesOf(name, facts) ?? 0), 0);
  return { model: { ...whole, proto }, inputs: specs, outputs, bytes };
}

/** What stands for a weight; undefined for one that travels with the model: small ones (they may be shapes), and types that can't be sent. */
function weightSpec(model: Model, tensor: TensorProto): TensorSpec | undefined {
  const payload = model.payloads.get(tensor);
  const dtype = knownDType(tensor.dataType);
  if (payload === undefined || payloadLength(payload) <= STAGE_INLINE_BYTES_MAX || dtype === undefined) return undefined;
  return { name: tensor.name, dtype, dims: tensor.dims.map(Number) };
}

function isSendable(of: Fact | undefined): boolean {
  return of?.dims !== undefined && knownDType(of.dtype) !== undefined;
}

function untyped(name: string): ValueInfoProto {
  return { name, type: undefined, metadataProps: [] };
}
