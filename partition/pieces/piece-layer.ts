/**
 * One layer in pieces by its output channels (or output neurons): each piece has the weights of its channels and needs the whole input; the
 * outputs are put together again.
 *
 *     before ─┬─▶ channels 0-127   ─┬─▶ concatenated ──▶ after          weights [O, I, kh, kw] or [O, I]: a piece is a range of the bytes
 *             └─▶ channels 128-255 ─┘
 *
 * As with tiles the result is a model like any other. Nothing is computed twice and no weight is stored twice; weights stay where they are, a
 * piece refers to its part of them.
 */
import { MeshError } from '../../mesh/error.ts';
import { AttributeProto, NodeProto, TensorProto } from '../../proto/gen/onnx/onnx.ts';
import { intAttribute } from '../attribute.ts';
import { type GraphNode, isFlowing } from '../graph.ts';
import type { LayeredGraph } from '../layers.ts';
import { tensorBytes } from '../model.ts';
import type { ParallelModel } from '../parallel-model.ts';
import { type Payload, payloadLength, slicePayload } from '../payload.ts';
import { type Rows as Channels, rowsByShare as channelsByShare } from '../tiles/rows.ts';

export interface PieceWish {
  readonly layer: number;
  /** One per piece: the part of the channels it gets, in any unit. */
  readonly shares: readonly number[];
}

/** What each channel goes through by itself, with nothing but constants that are the same for all. */
const channelwise = new Set([
  'Relu',
  'LeakyRelu',
  'Clip',
  'Sigmoid',
  'Tanh',
  'HardSwish',
  'HardSigmoid',
  'Elu',
  'Selu',
  'Identity',
  'Dropout',
]);
const CHANNEL_AXIS = 1n;

/** Errors: `usage` for a layer that is not there or more pieces than channels, `unsupported` naming the node that can't be divided. */
export function pieceLayer(layered: LayeredGraph, { layer, shares }: PieceWish): ParallelModel {
  const { graph, layers } = layered;
  const found = layers[layer - 1];
  if (found === undefined) throw new MeshError('usage', `there is no layer ${layer}: ${graph.model.name} has layers 1 to ${layers.length}`);
  const nodes = found.nodes;
  const count = outputChannels(layered, nodes[0]!);
  for (const [index, node] of nodes.entries()) if (index > 0) refuseUnlessChannelwise(layered, nodes[index - 1]!, node);
  const channels = channelsByShare(count, shares);
  if (channels.includes(undefined)) {
    throw new MeshError('usage', `layer ${layer} has ${count} channels, too few for these ${shares.length} pieces`, {
      hint: 'ask for fewer pieces',
    });
  }
  const payloads = new Map(graph.model.payloads);
  const initializer: TensorProto[] = [];
  const pieces = channels.map((each, index) => {
    const suffix = `.piece${index + 1}`;
    const divided = (name: string): string => {
      initializer.push(rangeOf(layered, name, `${name}${suffix}`, each!, payloads));
      return `${name}${suffix}`;
    };
    return nodes.map((node): NodeProto => {
      const own = new Set(nodes.flatMap(({ outputs }) => outputs));
      return {
        ...node.proto,
        name: `${node.name}${suffix}`,
        input: node.proto.input.map((name, at) =>
          own.has(name) ? `${name}${suffix}` : isDivided(node, at) && name !== '' ? divided(name) : name,
        ),
        output: node.proto.output.map((name) => (name === '' ? '' : `${name}${suffix}`)),
      };
    });
  });
  const end = nodes.at(-1)!.proto.output[0]!;
  const join = NodeProto.fromPartial({
    opType: 'Concat',
    name: `${end}.join`,
    input: pieces.map((_, index) => `${end}.piece${index + 1}`),
    output: [end],
    attribute: [AttributeProto.fromPartial({ name: 'axis', type: 2, i: CHANNEL_AXIS })],
  });
  const replaced = new Set(nodes.map(({ proto }) => proto));
  const { proto } = graph.model;
  const node = [...proto.graph!.node.filter((each) => !replaced.has(each)), ...pieces.flat(), join];
  return {
    model: {
      ...graph.model,
      payloads,
      proto: { ...proto, graph: { ...proto.graph!, node, initializer: [...proto.graph!.initializer, ...initializer] } },
    },
    parts: pieces.map((piece) => new Set(piece.map(({ name }) => name!))),
  };
}

/** Inputs that have one entry, or one block of entries, per output channel: weights and bias, and the four vectors of a normalization. */
function isDivided({ operator }: GraphNode, input: number): boolean {
  return operator === 'BatchNormalization' ? input >= 1 : (operator === 'Conv' || operator === 'Gemm') && input >= 1;
}

function outputChannels({ graph }: LayeredGraph, node: GraphNode): number {
  const weight = graph.constants.get(node.proto.input[1] ?? '');
  const dense =
    node.operator === 'Conv'
      ? intAttribute(node.proto, 'group', 1) === 1
      : node.operator === 'Gemm' && intAttribute(node.proto, 'transB', 0) === 1;
  const constant = node.proto.input.slice(1).every((name) => name === '' || graph.initializers.has(name));
  if (!dense || !constant || weight === undefined) {
    throw refusal(node, 'expected a Conv without groups, or a Gemm with transB, and weights stored in the model');
  }
  const count = Number(weight.dims[0]);
  // A bias of another shape (one number for all, one row per frame) is not one number per neuron.
  const bias = graph.constants.get(node.proto.input[2] ?? '');
  if (bias !== undefined && (bias.dims.length !== 1 || Number(bias.dims[0]) !== count))
    throw refusal(node, 'its bias is not one number per channel');
  return count;
}

function refuseUnlessChannelwise({ graph }: LayeredGraph, before: GraphNode, node: GraphNode): void {
  const chained = node.inputs.filter((name) => isFlowing(graph, name)).join() === before.proto.output[0];
  const parameters = node.operator !== 'BatchNormalization' || node.proto.input.slice(1).every((name) => graph.initializers.has(name));
  if (!chained || !parameters || !(channelwise.has(node.operator) || node.operator === 'BatchNormalization')) {
    throw refusal(node, 'it does not go through its channels one by one');
  }
}

function refusal(node: GraphNode, why: string): MeshError {
  return new MeshError('unsupported', `node "${node.name}" (${node.operator}) can't be divided by output channels: ${why}`, {
    hint: 'choose a layer that starts with a convolution or a fully connected layer: controller layers MODEL',
  });
}

/** The channels of a tensor, whose first axis they are: a range of its bytes. */
function rangeOf(
  { graph }: LayeredGraph,
  name: string,
  own: string,
  { first, last }: Channels,
  payloads: Map<TensorProto, Payload>,
): TensorProto {
  const tensor = graph.constants.get(name)!;
  const payload = payloads.get(tensor) ?? (tensor.rawData === undefined ? undefined : ({ kind: 'memory', bytes: tensor.rawData } as const));
  const bytes = tensorBytes(tensor);
  if (payload === undefined || bytes === undefined || payloadLength(payload) !== bytes) {
    throw new MeshError('unsupported', `the numbers of "${name}" are not stored as plain bytes, and can't be divided`, {
      hint: 'export the model again',
    });
  }
  const perChannel = bytes / Number(tensor.dims[0]);
  const range = slicePayload(payload, first * perChannel, (last - first + 1) * perChannel);
  const dims = [BigInt(last - first + 1), ...tensor.dims.slice(1)];
  if (!payloads.has(tensor) && range.kind === 'memory') {
    return TensorProto.fromPartial({ name: own, dims, dataType: tensor.dataType, rawData: Buffer.from(range.bytes) });
  }
  const made = TensorProto.fromPartial({ name: own, dims, dataType: tensor.dataType });
  payloads.set(made, range);
  return made;
}
