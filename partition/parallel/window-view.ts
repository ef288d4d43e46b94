/**
 * Convolutions and pools, over any number of spatial axes (N×C×D1×D2×…):
 *
 *     needed for output rows [a, b] = [max(0, a·s − p), min(H − 1, b·s − p + (k − 1)·d)]
 *
 * with kernel k, stride s, dilation d and padding p in front. What lies outside the image is padding, and only there: a tile in the middle is not
 * padded, it is given its neighbours' rows.
 */
import { AttributeProto } from '../../proto/gen/onnx/onnx.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../attribute.ts';
import type { GraphNode } from '../graph.ts';
import { type Box, wholeBox } from './box.ts';
import { type Interval, isSameInterval, wholeOf } from './interval.ts';
import { inputDims, type View, type ViewRule } from './view.ts';

/** Along one axis. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
}

export interface Needed {
  readonly interval: Interval;
  /** Padding that the window still needs; more than 0 only at the borders of the image. */
  readonly padBefore: number;
  readonly padAfter: number;
}

/** `size`: of the input. Every window must reach at least one entry. */
export function neededBy({ kernel, stride, dilation, padBefore }: Window, output: Interval, size: number): Needed {
  const first = output.first * stride - padBefore;
  const last = output.last * stride - padBefore + (kernel - 1) * dilation;
  const interval = { first: Math.max(0, first), last: Math.min(size - 1, last) };
  return { interval, padBefore: interval.first - first, padAfter: last - interval.last };
}

export const convolution: ViewRule = (site, wanted) => {
  const { node } = site;
  const [image, kernels] = [inputDims(site, 0)!, inputDims(site, 1)!];
  const groups = intAttribute(node.proto, 'group', 1);
  const spatial = windowed(node, image, wanted, kernels.slice(2), outputSpatial(site));
  if (spatial === undefined) return undefined;
  const perGroup = kernels[0]! / groups;
  const chosen = { first: Math.floor(wanted[1]!.first / perGroup), last: Math.floor(wanted[1]!.last / perGroup) };
  const channels = groups === 1 ? wanted[1]! : { first: chosen.first * perGroup, last: (chosen.last + 1) * perGroup - 1 };
  const inputsPerGroup = kernels[1]!;
  const read = groups === 1 ? wholeOf(image[1]!) : { first: chosen.first * inputsPerGroup, last: (chosen.last + 1) * inputsPerGroup - 1 };
  return {
    output: [wanted[0]!, channels, ...wanted.slice(2)],
    inputs: [[wanted[0]!, read, ...spatial.box], [channels, ...wholeBox(kernels.slice(1))], [channels]],
    attribute: replaced(spatial.attribute, { group: groups === 1 ? 1 : chosen.last - chosen.first + 1 }),
    gathers: [],
  };
};

/** One part of the input channels (those of `read`) of a convolution without groups: its outputs are summands of the whole's. */
export const partialConvolution = (site: Parameters<ViewRule>[0], read: Interval, first: boolean): View => {
  const [image, kernels] = [inputDims(site, 0)!, inputDims(site, 1)!];
  return {
    output: wholeBox(site.facts.get(site.node.proto.output[0]!)!.dims!),
    inputs: [
      wholeBox(image).map((interval, axis) => (axis === 1 ? read : interval)),
      wholeBox(kernels).map((interval, axis) => (axis === 1 ? read : interval)),
      first ? 'whole' : 'none',
    ],
    gathers: [],
  };
};

export const pool: ViewRule = (site, wanted) => {
  const { node } = site;
  const kernel = intsAttribute(node.proto, 'kernel_shape');
  // Indices of maxima count in the whole image.
  if (kernel === undefined || (node.proto.output[1] ?? '') !== '') return undefined;
  const spatial = windowed(node, inputDims(site, 0)!, wanted, kernel, outputSpatial(site));
  if (spatial === undefined) return undefined;
  return { output: wanted, inputs: [[...wanted.slice(0, 2), ...spatial.box]], attribute: spatial.attribute, gathers: [] };
};

export const globalPool: ViewRule = (site, wanted) => {
  const spatial = inputDims(site, 0)!.slice(2);
  return { output: wanted, inputs: [[...wanted.slice(0, 2), ...wholeBox(spatial)]], gathers: spatial.map((_, axis) => axis + 2) };
};

function outputSpatial({ node, facts }: Parameters<ViewRule>[0]): readonly number[] {
  return facts.get(node.proto.output[0]!)!.dims!.slice(2);
}

/** The spatial axes a window needs, and the node's attributes with the padding that is left there. */
function windowed(
  node: GraphNode,
  image: readonly number[],
  wanted: Box,
  kernel: readonly number[],
  out: readonly number[],
): { readonly box: Box; readonly attribute: readonly AttributeProto[] } | undefined {
  const { proto } = node;
  const dims = image.slice(2);
  const whole = out.map((size, axis) => isSameInterval(wanted[axis + 2]!, wholeOf(size)));
  if (!whole.includes(false)) return { box: wholeBox(dims), attribute: proto.attribute };
  // A window that reaches over the end of the padding would divide by a different count in each tile.
  if (node.operator === 'AveragePool' && intAttribute(proto, 'ceil_mode', 0) === 1) return undefined;
  const ones = kernel.map(() => 1);
  const [strides, dilations] = [intsAttribute(proto, 'strides') ?? ones, intsAttribute(proto, 'dilations') ?? ones];
  const pads = padsBefore(node, { kernel, strides, dilations, dims, out });
  const needed: Needed[] = [];
  for (const [axis, size] of dims.entries()) {
    const window = { kernel: kernel[axis]!, stride: strides[axis]!, dilation: dilations[axis]!, padBefore: pads[axis]! };
    const reach = (window.kernel - 1) * window.dilation;
    const each = neededBy(window, whole[axis] ? wholeOf(out[axis]!) : wanted[axis + 2]!, size);
    // A window in the padding alone needs no row, and a tile without rows is no tile.
    const beyond = (out[axis]! - 1) * window.stride - window.padBefore;
    if (!whole[axis] && (window.padBefore > reach || beyond > size - 1)) return undefined;
    // Rows behind the last window are left where they are: cutting them off would cost a copy.
    needed.push(whole[axis] ? { interval: wholeOf(size), padBefore: each.padBefore, padAfter: Math.max(0, each.padAfter) } : each);
  }
  const ints = [...needed.map((each) => each.padBefore), ...needed.map((each) => each.padAfter)].map(BigInt);
  return {
    box: needed.map(({ interval }) => interval),
    attribute: [
      ...proto.attribute.filter(({ name }) => name !== 'pads' && name !== 'auto_pad' && name !== 'ceil_mode'),
      AttributeProto.fromPartial({ name: 'pads', type: 7, ints }),
    ],
  };
}

interface Sizes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly dims: readonly number[];
  readonly out: readonly number[];
}

/** Of each axis, also for auto_pad: SAME pads what is missing to ceil(size ÷ stride) windows, the odd one behind or in front. */
function padsBefore({ proto }: GraphNode, { kernel, strides, dilations, dims, out }: Sizes): readonly number[] {
  const mode = stringAttribute(proto, 'auto_pad', 'NOTSET');
  if (mode === 'VALID') return kernel.map(() => 0);
  if (mode === 'NOTSET') return (intsAttribute(proto, 'pads') ?? kernel.map(() => 0)).slice(0, kernel.length);
  return kernel.map((size, axis) => {
    const total = Math.max(0, (out[axis]! - 1) * strides[axis]! + (size - 1) * dilations[axis]! + 1 - dims[axis]!);
    return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  });
}

function replaced(attribute: readonly AttributeProto[], ints: Readonly<Record<string, number>>): readonly AttributeProto[] {
  const made = Object.entries(ints).map(([name, value]) => AttributeProto.fromPartial({ name, type: 2, i: BigInt(value) }));
  return [...attribute.filter(({ name }) => !(name in ints)), ...made];
}
