/** The views of all operators that can be divided. */
import { intAttribute, intsAttribute } from '../attribute.ts';
import { broadcasting, unary } from '../elementwise.ts';
import { axisOf, knownValues } from '../infer/fact.ts';
import { type Box, reshaped, sizesOf, wholeBox, withAxes } from './box.ts';
import { intersectionOf, shifted, wholeOf } from './interval.ts';
import { gemm, matMul } from './product-view.ts';
import { inputDims, laidOver, type Site, type ViewRule } from './view.ts';
import { convolution, globalPool, pool } from './window-view.ts';

/** Undefined: the node can only be computed as a whole. Every tensor of the node must have known sizes, none of them 0. */
export const viewOf: ViewRule = (site, wanted) => {
  const { operator } = site.node;
  if (unary.has(operator) || broadcasting.has(operator)) return site.position === 0 ? elementwise(site, wanted) : undefined;
  return site.position === 0 || operator === 'Split' ? rules[operator]?.(site, wanted) : undefined;
};

const elementwise: ViewRule = (site, wanted) => ({
  output: wanted,
  inputs: site.node.proto.input.map((_, position) => {
    const dims = inputDims(site, position);
    return dims === undefined ? 'whole' : laidOver(wanted, dims);
  }),
  gathers: [],
});

/** Scale, bias, mean and variance have a number per channel. */
const batchNormalization: ViewRule = (_, wanted) => {
  const channels: Box = [wanted[1]!];
  return { output: wanted, inputs: [wanted, channels, channels, channels, channels], gathers: [] };
};

/** Every output depends on all entries of these axes; `axes` gives them. */
const along =
  (axes: (site: Site, rank: number) => readonly number[]): ViewRule =>
  (site, wanted) => {
    const dims = inputDims(site, 0)!;
    const gathers = axes(site, dims.length);
    const box = withAxes(wanted, Object.fromEntries(gathers.map((axis) => [axis, wholeOf(dims[axis]!)])));
    return { output: box, inputs: [box, ...site.node.proto.input.slice(1).map(() => 'whole' as const)], gathers };
  };

const from = (axis: number, rank: number): number[] => Array.from({ length: rank - axis }, (_, index) => axis + index);

const softmax = along(({ node, opset }, rank) => {
  const axis = axisOf(intAttribute(node.proto, 'axis', opset >= 13 ? -1 : 1), rank)!;
  return opset >= 13 ? [axis] : from(axis, rank);
});

const layerNormalization = along(({ node }, rank) => from(axisOf(intAttribute(node.proto, 'axis', -1), rank)!, rank));

const reduction: ViewRule = (site, wanted) => {
  const dims = inputDims(site, 0)!;
  const given = intsAttribute(site.node.proto, 'axes') ?? knownValues(site.facts.get(site.node.proto.input[1] ?? '') ?? { dtype: 0, dims });
  if (given === undefined) return undefined;
  const gathers = given.map((axis) => axisOf(axis, dims.length)!);
  const kept = intAttribute(site.node.proto, 'keepdims', 1) === 1;
  const rest = [...wanted];
  const box = dims.map((size, axis) => {
    if (!gathers.includes(axis)) return rest.shift()!;
    if (kept) rest.shift();
    return wholeOf(size);
  });
  return { output: wanted, inputs: [box, ...site.node.proto.input.slice(1).map(() => 'whole' as const)], gathers };
};

/** Reshape, Flatten, Squeeze, Unsqueeze: all that matters is the shape before and after. */
const reshape: ViewRule = (site, wanted) => {
  const dims = inputDims(site, 0)!;
  const both = reshaped(wanted, site.facts.get(site.node.proto.output[0]!)!.dims!, dims);
  return { output: both.from, inputs: [both.to], reshapesTo: sizesOf(both.from), gathers: [] };
};

const transpose: ViewRule = (site, wanted) => {
  const rank = wanted.length;
  const order = intsAttribute(site.node.proto, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return { output: wanted, inputs: [order.map((_, axis) => wanted[order.indexOf(axis)]!)], gathers: [] };
};

const concat: ViewRule = (site, wanted) => {
  const axis = axisOf(intAttribute(site.node.proto, 'axis', 1), wanted.length)!;
  let before = 0;
  const inputs = site.node.proto.input.map((_, position): Box | 'none' => {
    const dims = inputDims(site, position)!;
    const own = intersectionOf(wanted[axis]!, shifted(wholeOf(dims[axis]!), before));
    const box = own === undefined ? 'none' : withAxes(wanted, { [axis]: shifted(own, -before) });
    before += dims[axis]!;
    return box;
  });
  return { output: wanted, inputs, gathers: [] };
};

const split: ViewRule = (site, wanted) => {
  const { node, facts, position } = site;
  const axis = axisOf(intAttribute(node.proto, 'axis', 0), wanted.length)!;
  const before = node.proto.output.slice(0, position).reduce((sum, name) => sum + (facts.get(name)?.dims?.[axis] ?? Number.NaN), 0);
  if (Number.isNaN(before)) return undefined;
  return { output: wanted, inputs: [withAxes(wanted, { [axis]: shifted(wanted[axis]!, before) })], passesOn: true, gathers: [] };
};

/** Normalized over each channel's neighbours: their sums need all channels. */
const localResponse = along(() => [1]);

const instanceNormalization: ViewRule = (site, wanted) => {
  const dims = inputDims(site, 0)!;
  const box = [...wanted.slice(0, 2), ...wholeBox(dims.slice(2))];
  return { output: box, inputs: [box, [wanted[1]!], [wanted[1]!]], gathers: from(2, dims.length) };
};

const reductions = ['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd'];

const rules: Readonly<Record<string, ViewRule>> = {
  BatchNormalization: batchNormalization,
  Concat: concat,
  Conv: convolution,
  AveragePool: pool,
  MaxPool: pool,
  Flatten: reshape,
  Gemm: gemm,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LogSoftmax: softmax,
  MatMul: matMul,
  Reshape: reshape,
  Softmax: softmax,
  Split: split,
  Squeeze: reshape,
  Transpose: transpose,
  Unsqueeze: reshape,
  ...Object.fromEntries([...reductions, 'ReduceSum', 'ReduceSumSquare'].map((name) => [name, reduction])),
};
