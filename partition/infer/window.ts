/**
 * Operators that slide a window over the spatial axes of N×C×D1×D2×…: convolutions and pools.
 *
 *     out = floor((in + pads − dilated kernel) / stride) + 1          (ceil instead of floor when ceil_mode is set)
 */
import { intAttribute, intsAttribute, stringAttribute } from '../attribute.ts';
import { type Fact, fact, INT32, INT64, type Rule, type Rules, type Site, sizeOf } from './fact.ts';

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin and end of each axis. */
  readonly pads: readonly (readonly [number, number])[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

function windowOf(site: Site, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const pads = intsAttribute(site.node, 'pads') ?? [];
  return {
    kernel,
    strides: intsAttribute(site.node, 'strides') ?? ones,
    dilations: intsAttribute(site.node, 'dilations') ?? ones,
    pads: kernel.map((_, axis) => [pads[axis] ?? 0, pads[axis + rank] ?? 0]),
    autoPad: stringAttribute(site.node, 'auto_pad', 'NOTSET'),
    ceil: intAttribute(site.node, 'ceil_mode', 0) === 1,
  };
}

/** Sizes of the spatial axes after the window; unknown sizes stay unknown. */
function slide(spatial: readonly number[], window: Window): readonly number[] {
  return spatial.map((size, axis) => {
    const kernel = window.kernel[axis] ?? -1;
    const stride = window.strides[axis] ?? 1;
    if (size < 0 || kernel < 0 || stride < 1) return -1;
    const reach = (kernel - 1) * (window.dilations[axis] ?? 1) + 1;
    if (window.autoPad.startsWith('SAME')) return Math.ceil(size / stride);
    const [begin, end] = window.autoPad === 'VALID' ? [0, 0] : window.pads[axis]!;
    const steps = (size + begin + end - reach) / stride;
    const out = (window.ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A window that would start in the padding behind the end is not counted.
    return sizeOf(window.ceil && (out - 1) * stride >= size + begin ? out - 1 : out);
  });
}

function kernelOf(site: Site, weight: Fact): readonly number[] | undefined {
  return intsAttribute(site.node, 'kernel_shape') ?? weight.dims?.slice(2);
}

/** `weight`: position of the kernels among the inputs; `dtype`: element type of the output. */
function convolved(site: Site, weight: number, dtype: number): readonly Fact[] {
  const { dims } = site.input(0);
  const kernels = site.input(weight);
  const kernel = kernelOf(site, kernels);
  if (dims === undefined || dims.length < 3 || kernel === undefined) return [fact(dtype, undefined)];
  return [fact(dtype, [dims[0]!, kernels.dims?.[0] ?? -1, ...slide(dims.slice(2), windowOf(site, kernel))])];
}

const transposed: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const kernels = site.input(1);
  const kernel = kernelOf(site, kernels);
  if (dims === undefined || dims.length < 3 || kernel === undefined) return [fact(dtype, undefined)];
  const perGroup = kernels.dims?.[1] ?? -1;
  const channels = perGroup < 0 ? -1 : perGroup * intAttribute(site.node, 'group', 1);
  const window = windowOf(site, kernel);
  const given = intsAttribute(site.node, 'output_shape');
  const extra = intsAttribute(site.node, 'output_padding') ?? [];
  const spatial = dims.slice(2).map((size, axis) => {
    if (given !== undefined) return given[given.length - kernel.length + axis] ?? -1;
    const stride = window.strides[axis] ?? 1;
    const width = kernel[axis] ?? -1;
    if (size < 0 || width < 0) return -1;
    if (window.autoPad.startsWith('SAME')) return size * stride;
    const [begin, end] = window.autoPad === 'VALID' ? [0, 0] : window.pads[axis]!;
    return sizeOf(stride * (size - 1) + (extra[axis] ?? 0) + (width - 1) * (window.dilations[axis] ?? 1) + 1 - begin - end);
  });
  return [fact(dtype, [dims[0]!, channels, ...spatial])];
};

const pool: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const kernel = intsAttribute(site.node, 'kernel_shape');
  const out =
    dims === undefined || kernel === undefined ? undefined : [...dims.slice(0, 2), ...slide(dims.slice(2), windowOf(site, kernel))];
  return [fact(dtype, out), fact(INT64, out)];
};

const globalPool: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  return [
    fact(
      dtype,
      dims?.map((dim, axis) => (axis < 2 ? dim : 1)),
    ),
  ];
};

export const window: Rules = {
  Conv: (site) => convolved(site, 1, site.input(0).dtype || site.input(1).dtype),
  DeformConv: (site) => convolved(site, 1, site.input(0).dtype),
  ConvInteger: (site) => convolved(site, 1, INT32),
  QLinearConv: (site) => convolved(site, 3, site.input(7).dtype),
  ConvTranspose: transposed,
  MaxPool: pool,
  AveragePool: (site) => pool(site).slice(0, 1),
  LpPool: (site) => pool(site).slice(0, 1),
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
};
