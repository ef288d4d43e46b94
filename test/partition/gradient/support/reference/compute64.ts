/**
 * Computes a graph in float64, each operator by its definition. Normalization and Dropout as in training when that is asked for. Knows
 * nothing of `partition/gradient`.
 */
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../../../../../partition/attribute.ts';
import type { GraphNode, ModelGraph } from '../../../../../partition/graph.ts';
import { inferFacts } from '../../../../../partition/infer/infer.ts';
import { readPayload } from '../../../../../partition/payload.ts';
import { gemm64, lstm64, matmul64 } from './matrix64.ts';
import {
  broadcastStrides,
  filled,
  gathered,
  indexOf,
  mapped,
  permuted,
  positionOf,
  sizeOf,
  type Tensor64,
  walked,
  zipped,
} from './tensor64.ts';
import { conv64, pool64 } from './window64.ts';

export type Tensors64 = Readonly<Record<string, Tensor64>>;

interface Site64 {
  readonly node: GraphNode['proto'];
  readonly x: readonly (Tensor64 | undefined)[];
  /** As static inference has them. */
  readonly dims: readonly (readonly number[])[];
  readonly training: boolean;
}

type Operator64 = (site: Site64) => readonly Tensor64[];

const each =
  (value: (x: number, site: Site64) => number): Operator64 =>
  (site) => [mapped(site.x[0]!, (x) => value(x, site))];
const both =
  (value: (a: number, b: number) => number): Operator64 =>
  ({ x }) => [zipped(x[0]!, x[1]!, value)];
const shaped: Operator64 = ({ x, dims }) => [{ dims: dims[0]!, data: x[0]!.data }];
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Φ by its series, which converges for every x; 60 terms are exact to float64 for |x| < 4. */
export function erf64(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n += 1) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const fromFront = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

function reduced(x: Tensor64, axes: readonly number[], dims: readonly number[], scale: number): Tensor64 {
  const kept = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const sums = filled(kept);
  const into = walked(x.dims, broadcastStrides(kept));
  for (const [position, value] of x.data.entries()) sums.data[into[position]!]! += value * scale;
  return { dims, data: sums.data };
}

const reduction =
  (isMean: boolean): Operator64 =>
  ({ node, x, dims }) => {
    const rank = x[0]!.dims.length;
    const given = intsAttribute(node, 'axes') ?? (x[1] === undefined ? undefined : [...x[1].data]);
    const axes = given?.map((axis) => fromFront(axis, rank)) ?? x[0]!.dims.map((_, axis) => axis);
    return [reduced(x[0]!, axes, dims[0]!, isMean ? 1 / sizeOf(axes.map((axis) => x[0]!.dims[axis]!)) : 1)];
  };

const softmax =
  (isLog: boolean): Operator64 =>
  ({ node, x }) => {
    const axis = fromFront(intAttribute(node, 'axis', -1), x[0]!.dims.length);
    const kept = x[0]!.dims.with(axis, 1);
    const sums = reduced(mapped(x[0]!, Math.exp), [axis], kept, 1);
    return [zipped(x[0]!, sums, (value, sum) => (isLog ? value - Math.log(sum) : Math.exp(value) / sum))];
  };

const batchNorm: Operator64 = ({ node, x, training }) => {
  const [input, gamma, beta, ...running] = x as readonly Tensor64[];
  const axes = input!.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const channels = input!.dims.map((size, axis) => (axis === 1 ? size : 1));
  const wide = ({ data }: Tensor64): Tensor64 => ({ dims: channels, data });
  const share = channels[1]! / input!.data.length;
  const centre = training ? reduced(input!, axes, channels, share) : wide(running[0]!);
  const centered = zipped(input!, centre, (a, b) => a - b);
  const variance = training
    ? reduced(
        mapped(centered, (a) => a * a),
        axes,
        channels,
        share,
      )
    : wide(running[1]!);
  const epsilon = floatAttribute(node, 'epsilon') ?? 1e-5;
  const normalized = zipped(centered, variance, (a, b) => a / Math.sqrt(b + epsilon));
  return [
    zipped(
      zipped(normalized, wide(gamma!), (a, b) => a * b),
      wide(beta!),
      (a, b) => a + b,
    ),
  ];
};

const transpose: Operator64 = ({ node, x }) => {
  const order = intsAttribute(node, 'perm') ?? x[0]!.dims.map((_, axis) => axis).toReversed();
  return [permuted(x[0]!, order)];
};

const concat: Operator64 = ({ node, x, dims }) => {
  const axis = fromFront(intAttribute(node, 'axis', 0), dims[0]!.length);
  return [
    filled(dims[0]!, (position) => {
      const index = indexOf(position, dims[0]!);
      let part = 0;
      while (index[axis]! >= x[part]!.dims[axis]!) index[axis]! -= x[part++]!.dims[axis]!;
      return x[part]!.data[positionOf(index, x[part]!.dims)]!;
    }),
  ];
};

const split: Operator64 = ({ node, x, dims }) => {
  const axis = fromFront(intAttribute(node, 'axis', 0), x[0]!.dims.length);
  let end = 0;
  return dims.map((each) => {
    const first = end;
    end += each[axis]!;
    return gathered(x[0]!, each, (index) => index.with(axis, index[axis]! + first));
  });
};

const slice: Operator64 = ({ x, dims }) => {
  const [input, starts, , axes, steps] = x;
  const begin = input!.dims.map(() => 0);
  const step = input!.dims.map(() => 1);
  for (const [at, start] of starts!.data.entries()) {
    const axis = fromFront(axes?.data[at] ?? at, begin.length);
    const size = input!.dims[axis]!;
    step[axis] = steps?.data[at] ?? 1;
    begin[axis] = Math.min(Math.max(start < 0 ? start + size : start, 0), step[axis]! > 0 ? size : size - 1);
  }
  return [gathered(input!, dims[0]!, (index) => index.map((at, axis) => begin[axis]! + at * step[axis]!))];
};

const gelu = (x: number, { node }: Site64): number =>
  stringAttribute(node, 'approximate', 'none') === 'tanh'
    ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : 0.5 * x * (1 + erf64(x / Math.SQRT2));

const operators: Readonly<Record<string, Operator64>> = {
  Identity: shaped,
  Reshape: shaped,
  Flatten: shaped,
  Squeeze: shaped,
  Unsqueeze: shaped,
  Dropout: shaped,
  Expand: ({ x, dims }) => [zipped(x[0]!, filled(dims[0]!), (a) => a)],
  Add: both((a, b) => a + b),
  Sub: both((a, b) => a - b),
  Mul: both((a, b) => a * b),
  Div: both((a, b) => a / b),
  Pow: both((a, b) => a ** b),
  Sum: ({ x }) => [(x as readonly Tensor64[]).reduce((a, b) => zipped(a, b, (left, right) => left + right))],
  Where: ({ x }) => [
    zipped(
      zipped(x[0]!, x[1]!, (is, a) => (is ? a : Number.NaN)),
      zipped(x[0]!, x[2]!, (is, b) => (is ? Number.NaN : b)),
      (a, b) => (Number.isNaN(a) ? b : a),
    ),
  ],
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Exp: each(Math.exp),
  Log: each(Math.log),
  Sqrt: each(Math.sqrt),
  Reciprocal: each((x) => 1 / x),
  Relu: each((x) => Math.max(x, 0)),
  LeakyRelu: each((x, { node }) => (x > 0 ? x : x * (floatAttribute(node, 'alpha') ?? 0.01))),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Tanh: each(Math.tanh),
  Erf: each(erf64),
  Gelu: each(gelu),
  Clip: each((x, { x: [, low, high] }) => Math.min(Math.max(x, low?.data[0] ?? -Infinity), high?.data[0] ?? Infinity)),
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  Conv: ({ node, x }) => [conv64(node, x[0]!, x[1]!, x[2])],
  Gemm: ({ node, x }) => [gemm64(node, x[0]!, x[1]!, x[2])],
  MatMul: ({ x }) => [matmul64(x[0]!, x[1]!)],
  LSTM: ({ node, x }) => lstm64(node, x),
  BatchNormalization: batchNorm,
  MaxPool: ({ node, x }) => [pool64(node, x[0]!, (values) => values.reduce((a, b) => Math.max(a, b)))],
  AveragePool: ({ node, x }) => [
    pool64(node, x[0]!, (values, places) => total(values) / (intAttribute(node, 'count_include_pad', 0) ? places : values.length)),
  ],
  GlobalAveragePool: ({ x, dims }) => {
    const axes = x[0]!.dims.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    return [reduced(x[0]!, axes, dims[0]!, sizeOf(dims[0]!) / x[0]!.data.length)];
  },
  ReduceSum: reduction(false),
  ReduceMean: reduction(true),
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
};

/** Prepared once for a graph: a function of tensors by name, inputs or constants in another state, to every tensor. */
export function computer64(graph: ModelGraph, training = false): (given: Tensors64) => ReadonlyMap<string, Tensor64> {
  const facts = inferFacts(graph);
  const constants = new Map([...graph.constants].map(([name, tensor]) => [name, constant64(graph, name, tensor.dims.map(Number))]));
  return (given) => {
    const made = new Map<string, Tensor64>([...constants, ...Object.entries(given)]);
    for (const { proto, operator } of graph.nodes) {
      const x = proto.input.map((name) => (name === '' ? undefined : made.get(name)!));
      const dims = proto.output.map((name) => facts.get(name)?.dims ?? []);
      for (const [position, tensor] of operators[operator]!({ node: proto, x, dims, training }).entries()) {
        const name = proto.output[position] ?? '';
        if (name !== '') made.set(name, tensor);
      }
    }
    return made;
  };
}

function constant64(graph: ModelGraph, name: string, dims: readonly number[]): Tensor64 {
  const tensor = graph.constants.get(name)!;
  const payload = graph.model.payloads.get(tensor);
  const bytes = new Uint8Array(payload === undefined ? tensor.rawData! : readPayload(payload)).buffer;
  if (tensor.dataType === 7) return { dims, data: Float64Array.from(new BigInt64Array(bytes), Number) };
  if (tensor.dataType === 9) return { dims, data: Float64Array.from(new Uint8Array(bytes)) };
  return { dims, data: tensor.dataType === 11 ? new Float64Array(bytes) : new Float64Array(new Float32Array(bytes)) };
}
