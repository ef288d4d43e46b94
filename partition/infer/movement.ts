/**
 * Operators that join, cut, repeat and pick elements without computing with them.
 */
import { floatsAttribute, intAttribute, intsAttribute, stringAttribute } from '../attribute.ts';
import { axisOf, broadcast, type Fact, fact, INT64, knownValues, product, type Rule, type Rules, sizeOf, unknown } from './fact.ts';
import { listArgument } from './reshaping.ts';

const concat: Rule = (site) => {
  const parts = Array.from({ length: site.inputCount }, (_, index) => site.input(index));
  const dtype = parts.find((part) => part.dtype !== 0)?.dtype ?? 0;
  const first = parts.find((part) => part.dims !== undefined)?.dims;
  if (first === undefined) return [fact(dtype, undefined)];
  const axis = axisOf(intAttribute(site.node, 'axis', 0), first.length);
  if (axis === undefined) return [fact(dtype, undefined)];
  const dims = first.map((_, index) => {
    const sizes = parts.map((part) => part.dims?.[index] ?? -1);
    if (index !== axis) return sizes.find((size) => size !== -1) ?? -1;
    return sizes.includes(-1) ? -1 : sizes.reduce((sum, size) => sum + size, 0);
  });
  const values = parts.every((part) => part.values !== undefined && part.dims?.length === 1)
    ? parts.flatMap((part) => part.values!)
    : undefined;
  return [fact(dtype, dims, values)];
};

const split: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const count = site.node.output.length;
  const axis = dims === undefined ? undefined : axisOf(intAttribute(site.node, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined) return new Array<Fact>(count).fill(fact(dtype, undefined));
  const size = dims[axis]!;
  const chunk = size < 0 ? -1 : Math.ceil(size / count);
  const given =
    intsAttribute(site.node, 'split') ?? (site.has(1) ? (knownValues(site.input(1)) ?? new Array<number>(count).fill(-1)) : undefined);
  let start = 0;
  return Array.from({ length: count }, (_, index) => {
    const length = given?.[index] ?? (chunk < 0 ? -1 : Math.max(0, Math.min(chunk, size - index * chunk)));
    const own = values !== undefined && dims.length === 1 && length >= 0 ? values.slice(start, start + length) : undefined;
    start += length;
    return fact(
      dtype,
      dims.map((dim, each) => (each === axis ? length : dim)),
      own,
    );
  });
};

/** Elements a slice takes from an axis of this size. */
function sliceLength(size: number, start: number, end: number, step: number): number {
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return Math.max(0, Math.ceil((to - from) / step));
}

const slice: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const [starts, ends] = [listArgument(site, 'starts', 1), listArgument(site, 'ends', 2)];
  const axes = site.has(3) ? knownValues(site.input(3)) : (intsAttribute(site.node, 'axes') ?? starts?.map((_, index) => index));
  const steps = site.has(4) ? knownValues(site.input(4)) : starts?.map(() => 1);
  if (dims === undefined) return [fact(dtype, undefined)];
  if (axes === undefined)
    return [
      fact(
        dtype,
        dims.map(() => -1),
      ),
    ];
  const result = [...dims];
  for (const [index, raw] of axes.entries()) {
    const axis = axisOf(raw, dims.length);
    if (axis === undefined) return [fact(dtype, undefined)];
    const [start, end, step] = [starts?.[index], ends?.[index], steps?.[index]];
    const known = dims[axis]! >= 0 && start !== undefined && end !== undefined && step !== undefined && step !== 0;
    result[axis] = known ? sliceLength(dims[axis]!, start, end, step) : -1;
  }
  return [fact(dtype, result, slicedValues(values, dims, starts, ends, steps))];
};

function slicedValues(
  values: readonly (number | null)[] | undefined,
  dims: readonly number[],
  ...[starts, ends, steps]: readonly (readonly number[] | undefined)[]
): readonly (number | null)[] | undefined {
  const [start, end, step] = [starts?.[0], ends?.[0], steps?.[0]];
  if (values === undefined || dims.length !== 1 || start === undefined || end === undefined || step === undefined || step === 0)
    return undefined;
  const length = sliceLength(values.length, start, end, step);
  const from = Math.min(Math.max(start < 0 ? start + values.length : start, 0), step > 0 ? values.length : values.length - 1);
  return Array.from({ length }, (_, index) => values[from + index * step] ?? null);
}

const gather: Rule = (site) => {
  const [data, indices] = [site.input(0), site.input(1)];
  const axis = data.dims === undefined ? undefined : axisOf(intAttribute(site.node, 'axis', 0), data.dims.length);
  if (data.dims === undefined || indices.dims === undefined || axis === undefined) return [fact(data.dtype, undefined)];
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  const source = data.dims.length === 1 ? data.values : undefined;
  const values = source && indices.values?.map((at) => (at === null ? null : (source[at < 0 ? at + source.length : at] ?? null)));
  return [fact(data.dtype, dims, values)];
};

const gatherNd: Rule = (site) => {
  const [data, indices] = [site.input(0), site.input(1)];
  const batch = intAttribute(site.node, 'batch_dims', 0);
  const depth = indices.dims?.at(-1) ?? -1;
  if (data.dims === undefined || indices.dims === undefined || depth < 0) return [fact(data.dtype, undefined)];
  return [fact(data.dtype, [...indices.dims.slice(0, -1), ...data.dims.slice(batch + depth)])];
};

const expand: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const target = site.input(1).values;
  const to = broadcast([dims, target?.map((size) => size ?? -1)]);
  const count = to === undefined ? -1 : product(to);
  const repeated =
    values?.length === 1 && count >= 0 && count <= 1024 ? new Array<number | null>(count).fill(values[0] ?? null) : undefined;
  return [fact(dtype, to, repeated)];
};

const tile: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const repeats = site.input(1).values;
  return [
    fact(
      dtype,
      dims?.map((dim, axis) => (dim < 0 || repeats?.[axis] == null ? -1 : sizeOf(dim * repeats[axis]))),
    ),
  ];
};

const pad: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  if (dims === undefined) return [fact(dtype, undefined)];
  const pads = listArgument(site, 'pads', 1);
  const named = site.has(3) ? knownValues(site.input(3)) : dims.map((_, axis) => axis);
  if (pads === undefined || named === undefined)
    return [
      fact(
        dtype,
        dims.map(() => -1),
      ),
    ];
  const axes = named.map((axis) => axisOf(axis, dims.length));
  return [
    fact(
      dtype,
      dims.map((dim, axis) => {
        const at = axes.indexOf(axis);
        return at < 0 || dim < 0 ? dim : sizeOf(dim + (pads[at] ?? 0) + (pads[at + axes.length] ?? 0));
      }),
    ),
  ];
};

const resize: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  if (dims === undefined) return [fact(dtype, undefined)];
  // Resize has had an input between data and scales since version 11; Upsample, which it came from, took the scales as an attribute first.
  const [scaleAt, sizeAt] = site.node.opType === 'Upsample' || site.opset < 11 ? [1, -1] : [2, 3];
  const axes = (intsAttribute(site.node, 'axes') ?? dims.map((_, axis) => axis)).map((axis) => axisOf(axis, dims.length));
  const sizes = site.has(sizeAt) ? site.input(sizeAt).values : undefined;
  const scales = site.has(scaleAt) ? site.input(scaleAt).values : floatsAttribute(site.node, 'scales');
  const stretched = stringAttribute(site.node, 'keep_aspect_ratio_policy', 'stretch') === 'stretch';
  const out = dims.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (at < 0) return dim;
    const size = stretched ? sizes?.[at] : undefined;
    if (size != null) return sizeOf(size);
    const scale = scales?.[at];
    return scale != null && dim >= 0 ? sizeOf(Math.floor(dim * scale)) : -1;
  });
  return [fact(dtype, out)];
};

const oneHot: Rule = (site) => {
  const { dims } = site.input(0);
  const depth = knownValues(site.input(1))?.[0] ?? -1;
  const given = intAttribute(site.node, 'axis', -1);
  if (dims === undefined) return [fact(site.input(2).dtype, undefined)];
  const axis = given < 0 ? given + dims.length + 1 : given;
  return [fact(site.input(2).dtype, [...dims.slice(0, axis), depth, ...dims.slice(axis)])];
};

export const movement: Rules = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (site) => [fact(site.input(0).dtype, site.input(1).dims)],
  GatherND: gatherNd,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  OneHot: oneHot,
  Compress: (site) => [fact(site.input(0).dtype, undefined)],
  NonZero: (site) => [fact(INT64, [site.input(0).dims?.length ?? -1, -1])],
  Unique: (site) => [fact(site.input(0).dtype, undefined), fact(INT64, [-1]), fact(INT64, [-1]), fact(INT64, [-1])],
  NonMaxSuppression: () => [fact(INT64, [-1, 3])],
  RoiAlign: (site) => [
    fact(site.input(0).dtype, [
      site.input(1).dims?.[0] ?? -1,
      site.input(0).dims?.[1] ?? -1,
      intAttribute(site.node, 'output_height', 1),
      intAttribute(site.node, 'output_width', 1),
    ]),
  ],
  GridSample: (site) => {
    const [x, grid] = [site.input(0), site.input(1)];
    return [
      x.dims === undefined || grid.dims === undefined
        ? { ...unknown, dtype: x.dtype }
        : fact(x.dtype, [...x.dims.slice(0, 2), ...grid.dims.slice(1, -1)]),
    ];
  },
};
