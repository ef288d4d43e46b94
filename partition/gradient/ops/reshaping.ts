/** The same elements in another shape or order: the gradient goes back the same way. */
import { intsAttribute } from '../../attribute.ts';
import { reshape, sumTo, transpose } from '../arithmetic.ts';
import type { GradientRule, GradientRules } from '../rule.ts';

const back: GradientRule = (site) => [reshape(site.w, site.gradient, site.input(0).dims)];

const transposed: GradientRule = (site) => {
  const axes = site.input(0).dims.map((_, axis) => axis);
  const order = intsAttribute(site.node.proto, 'perm') ?? axes.toReversed();
  return [
    transpose(
      site.w,
      site.gradient,
      axes.map((axis) => order.indexOf(axis)),
    ),
  ];
};

export const reshaping: GradientRules = {
  Reshape: back,
  Flatten: back,
  Squeeze: back,
  Unsqueeze: back,
  Transpose: transposed,
  Expand: (site) => [sumTo(site.w, site.gradient, site.input(0).dims)],
};
