/**
 * A view of a node: what it needs to make a box of its output, and how it is written then.
 *
 *     Conv 3×3, rows 4 to 6 of the output   ──▶   rows 3 to 7 of the input, no padding above or below, the whole kernels
 *     MatMul, columns 0 to 63               ──▶   the whole left side, columns 0 to 63 of the right side
 *
 * What can't be divided along an axis is asked for whole there: then a view makes more than was wanted.
 */
import type { AttributeProto } from '../../proto/gen/onnx/onnx.ts';
import type { GraphNode } from '../graph.ts';
import type { Facts } from '../infer/infer.ts';
import type { Box } from './box.ts';

export interface View {
  /** What is made; contains what was wanted. */
  readonly output: Box;
  /** Of each input, by position; those not listed are taken whole. */
  readonly inputs: readonly Operand[];
  /** In place of the node's own attributes. */
  readonly attribute?: readonly AttributeProto[];
  /** The node is written as a Reshape of its first input to this shape. */
  readonly reshapesTo?: readonly number[];
  /** There is nothing to compute: the output is the box of the first input. */
  readonly passesOn?: true;
  /** Axes of the first input that are needed whole whatever is wanted, because each output depends on all entries. */
  readonly gathers: readonly number[];
}

/** `whole`: as it is; `none`: left out. */
export type Operand = Box | 'whole' | 'none' | Reseen;

/** A box of an input under another shape, or of another tensor that holds the same elements, brought to the shape the node wants. */
export interface Reseen {
  /** Another one than the input: what the input is flattened from. */
  readonly tensor?: string;
  readonly dims: readonly number[];
  readonly box: Box;
  readonly sizes: readonly number[];
}

export function isReseen(operand: Operand): operand is Reseen {
  return typeof operand === 'object' && 'sizes' in operand;
}

/** A node whose tensors all have known sizes. */
export interface Site {
  readonly node: GraphNode;
  /** Which of the outputs is wanted. */
  readonly position: number;
  readonly facts: Facts;
  /** Version of the standard operators. */
  readonly opset: number;
}

/** Undefined: this node can't be divided, only computed as a whole. */
export type ViewRule = (site: Site, wanted: Box) => View | undefined;

/** Undefined for an input that is left out. */
export function inputDims({ node, facts }: Site, position: number): readonly number[] | undefined {
  return facts.get(node.proto.input[position] ?? '')?.dims;
}

/** The part of a tensor that is laid over a box of the result (numpy's broadcasting). */
export function laidOver(result: Box, dims: readonly number[]): Box {
  return dims.map((size, axis) => (size === 1 ? { first: 0, last: 0 } : result[result.length - dims.length + axis]!));
}
