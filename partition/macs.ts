/**
 * Multiply-accumulates of one node for one frame, from static shapes. One multiplication with its addition counts as one.
 *
 *     convolution   outputs × kernel area × input channels of a group          matrix product   outputs × inner dimension
 *     pool          outputs × window area (an addition or comparison each)     recurrent        steps × batch × gates × weights
 *
 * Activations, normalizations and data movement count nothing, as in the numbers published for architectures.
 */
import { elementCount } from '../mesh/tensor.ts';
import { graphAttribute, intAttribute, intsAttribute, stringAttribute } from './attribute.ts';
import type { GraphNode } from './graph.ts';
import type { Fact } from './infer/fact.ts';
import type { Facts } from './infer/infer.ts';

/** undefined: a shape that is needed is not known, or the operator's cost isn't (If, Loop, Scan, operators of other domains). */
export function macsOf(node: GraphNode, facts: Facts): number | undefined {
  const input = (index: number) => sizesOf(facts.get(node.proto.input[index] ?? ''));
  const output = sizesOf(facts.get(node.proto.output[0] ?? ''));
  const rule = rules[node.operator];
  if (rule !== undefined) return rule({ node, input, output });
  const opaque = node.operator.includes('.') || graphAttribute(node.proto, 'body') !== undefined || node.operator === 'If';
  return opaque ? undefined : 0;
}

interface Case {
  readonly node: GraphNode;
  readonly input: (index: number) => readonly number[] | undefined;
  readonly output: readonly number[] | undefined;
}

type MacRule = (of: Case) => number | undefined;

function sizesOf(of: Fact | undefined): readonly number[] | undefined {
  return of?.dims === undefined || of.dims.includes(-1) ? undefined : of.dims;
}

/** Products of what is known; undefined as soon as one factor is not. */
function times(...factors: readonly (number | readonly number[] | undefined)[]): number | undefined {
  let total = 1;
  for (const factor of factors) {
    if (factor === undefined) return undefined;
    total *= typeof factor === 'number' ? factor : elementCount(factor);
  }
  return total;
}

/** `weight`: position of the kernels, [out channels, in channels of a group, k1, k2, …]. */
const convolution =
  (weight: number): MacRule =>
  ({ input, output }) =>
    times(output, input(weight)?.slice(1));

/** Each input element meets every kernel element of its group: [in channels, out channels of a group, k1, k2, …]. */
const transposedConvolution: MacRule = ({ input }) => times(input(0), input(1)?.slice(1));

const product =
  (inner: (of: Case) => number | undefined): MacRule =>
  (of) =>
    times(of.output, inner(of));

const pool: MacRule = ({ node, output }) => times(output, intsAttribute(node.proto, 'kernel_shape'));

const globalPool: MacRule = ({ input }) => times(input(0));

const recurrent: MacRule = ({ input }) => {
  // W is [directions, gates × hidden, features], R is [directions, gates × hidden, hidden].
  const [x, w, r] = [input(0), input(1), input(2)];
  if (x === undefined || w === undefined || r === undefined) return undefined;
  return x[0]! * x[1]! * (elementCount(w) + elementCount(r));
};

const einsum: MacRule = ({ node, input }) => {
  const [left = ''] = stringAttribute(node.proto, 'equation', '').replaceAll(' ', '').split('->');
  const sizes = new Map<string, number>();
  for (const [index, letters] of left.split(',').entries()) {
    const dims = input(index);
    if (dims === undefined || letters.includes('.')) return undefined;
    for (const [axis, letter] of [...letters].entries()) sizes.set(letter, dims[axis] ?? 1);
  }
  return [...sizes.values()].reduce((total, size) => total * size, 1);
};

const rules: Readonly<Record<string, MacRule>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: transposedConvolution,
  Gemm: product(({ node, input }) => input(0)?.[intAttribute(node.proto, 'transA', 0) ? 0 : 1]),
  MatMul: product(({ input }) => input(0)?.at(-1)),
  MatMulInteger: product(({ input }) => input(0)?.at(-1)),
  QLinearMatMul: product(({ input }) => input(0)?.at(-1)),
  Einsum: einsum,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
};
