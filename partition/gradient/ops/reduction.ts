/** Sums and means over axes: every element that was summed gets the gradient of its sum. Axes are an attribute or an input. */
import { elementCount } from '../../../mesh/tensor.ts';
import { intAttribute, intsAttribute } from '../../attribute.ts';
import { expand, reshape, scale } from '../arithmetic.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';

function axesOf(site: GradientSite, rank: number): readonly number[] {
  const given = intsAttribute(site.node.proto, 'axes') ?? site.numbers(1);
  if (given === undefined || given.length === 0) {
    const none = intAttribute(site.node.proto, 'noop_with_empty_axes', 0) === 1;
    return none ? [] : Array.from({ length: rank }, (_, axis) => axis);
  }
  return given.map((axis) => (axis < 0 ? axis + rank : axis));
}

const reduced =
  (isMean: boolean): GradientRule =>
  (site) => {
    const { w } = site;
    const { dims } = site.input(0);
    const axes = axesOf(site, dims.length);
    const kept = dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const count = elementCount(axes.map((axis) => dims[axis]!));
    return [expand(w, reshape(w, scale(w, site.gradient, isMean ? 1 / count : 1), kept), dims)];
  };

export const reduction: GradientRules = { ReduceSum: reduced(false), ReduceMean: reduced(true) };
