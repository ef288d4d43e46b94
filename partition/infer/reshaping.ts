/**
 * Operators that keep every element and give it another place: reshaping, adding and removing axes, reordering.
 */
import { intAttribute, intsAttribute } from '../attribute.ts';
import { axisOf, fact, knownValues, product, type Rule, type Rules, type Site, sizeOf } from './fact.ts';

/** The axis or size list an operator takes as attribute in old versions and as input in new ones. */
export function listArgument(site: Site, attribute: string, input: number): readonly number[] | undefined {
  return intsAttribute(site.node, attribute) ?? knownValues(site.input(input));
}

const reshape: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const target = site.input(1).values;
  if (target === undefined) {
    const rank = site.input(1).dims?.[0];
    return [fact(dtype, rank === undefined || rank < 0 || rank > 64 ? undefined : new Array<number>(rank).fill(-1))];
  }
  const keepZero = intAttribute(site.node, 'allowzero', 0) === 1;
  const sizes = target.map((size, axis) => (size === 0 && !keepZero ? (dims?.[axis] ?? -1) : (size ?? -1)));
  // Which sizes are left open: by an explicit -1, or because a computed one is not known. One open size follows from the total.
  const open = sizes.flatMap((size, axis) => (size < 0 ? [axis] : []));
  const total = dims === undefined ? -1 : product(dims);
  const others = product(sizes.filter((size) => size >= 0));
  const inferred = open.length === 1 && total >= 0 && others > 0 && total % others === 0 ? total / others : -1;
  return [
    fact(
      dtype,
      sizes.map((size) => (size < 0 ? inferred : size)),
      values,
    ),
  ];
};

const flatten: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const given = intAttribute(site.node, 'axis', 1);
  if (dims === undefined) return [fact(dtype, [-1, -1])];
  const axis = given < 0 ? given + dims.length : given;
  return [fact(dtype, [product(dims.slice(0, axis)), product(dims.slice(axis))])];
};

const transpose: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  if (dims === undefined) return [fact(dtype, undefined)];
  const order = intsAttribute(site.node, 'perm') ?? dims.map((_, index) => dims.length - 1 - index);
  return [
    fact(
      dtype,
      order.map((axis) => dims[axis] ?? -1),
    ),
  ];
};

const squeeze: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const named = intsAttribute(site.node, 'axes') !== undefined || site.has(1);
  const axes = listArgument(site, 'axes', 1);
  if (dims === undefined || (named && axes === undefined)) return [fact(dtype, undefined, values)];
  if (axes === undefined) return [fact(dtype, dims.includes(-1) ? undefined : dims.filter((dim) => dim !== 1), values)];
  const gone = new Set(axes.map((axis) => axisOf(axis, dims.length)));
  return [
    fact(
      dtype,
      dims.filter((_, axis) => !gone.has(axis)),
      values,
    ),
  ];
};

const unsqueeze: Rule = (site) => {
  const { dtype, dims, values } = site.input(0);
  const axes = listArgument(site, 'axes', 1);
  if (dims === undefined || axes === undefined) return [fact(dtype, undefined, values)];
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  let next = 0;
  return [
    fact(
      dtype,
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (dims[next++] ?? -1))),
      values,
    ),
  ];
};

/** Blocks of depth to squares of space, or back. */
function blocks(toSpace: boolean): Rule {
  return (site) => {
    const { dtype, dims } = site.input(0);
    const size = intAttribute(site.node, 'blocksize', 1);
    const [n, c, h, w] = dims ?? [];
    if (n === undefined || c === undefined || h === undefined || w === undefined) return [fact(dtype, undefined)];
    const grow = (dim: number, by: number) => (dim < 0 ? -1 : sizeOf(dim * by));
    return [
      fact(
        dtype,
        toSpace ? [n, grow(c, 1 / size ** 2), grow(h, size), grow(w, size)] : [n, grow(c, size ** 2), grow(h, 1 / size), grow(w, 1 / size)],
      ),
    ];
  };
}

export const reshaping: Rules = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
};
