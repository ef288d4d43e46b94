/**
 * Operators that don't make a layer of their own: activations, normalizations, elementwise arithmetic, and moving elements around.
 * Their cost is small beside that of the layer they join, and mostly a runtime fuses them into it anyway.
 */
import { broadcasting, unary } from './elementwise.ts';
import type { GraphNode, ModelGraph } from './graph.ts';
import { isFlowing } from './graph.ts';

const alongAxis = ['Hardmax', 'LogSoftmax', 'Softmax'];

const normalizations = [
  ...['BatchNormalization', 'GroupNormalization', 'InstanceNormalization', 'LRN', 'LayerNormalization', 'LpNormalization'],
  ...['MeanVarianceNormalization', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin'],
  ...['ReduceProd', 'ReduceSum', 'ReduceSumSquare', 'QuantizeLinear', 'DequantizeLinear'],
];

const movements = [
  ...['CastLike', 'Concat', 'ConstantOfShape', 'DepthToSpace', 'Expand', 'EyeLike', 'Flatten', 'Gather', 'GatherElements', 'GatherND'],
  ...['OneHot', 'Pad', 'Range', 'Reshape', 'Slice', 'SpaceToDepth', 'Split', 'Squeeze', 'Tile', 'Transpose', 'Trilu', 'Unsqueeze'],
];

const light: ReadonlySet<string> = new Set([...unary, ...broadcasting, ...alongAxis, ...normalizations, ...movements]);

/** Picking from a constant table is an embedding, which is a layer; picking from what flows is a slice. */
export function isLight(graph: ModelGraph, node: GraphNode): boolean {
  if (node.operator === 'Gather') return isFlowing(graph, node.proto.input[0] ?? '');
  return light.has(node.operator);
}

/** Needs a tensor's shape only. */
export function isShapeReader(node: GraphNode): boolean {
  return node.operator === 'Shape' || node.operator === 'Size';
}
