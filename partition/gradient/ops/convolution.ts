/**
 * Convolution of any rank, with groups, strides, dilations and uneven padding.
 *
 *     y = x ∗ w + b        ∂x: `convolution-input.ts`      ∂w: `convolution-weight.ts`      ∂b: the sum of ∂y over batch and places
 *
 * Both are written with what runtimes do fastest, convolutions of stride 1 and products of matrices; a ConvTranspose stands for windows that
 * neither covers (Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016).
 */
import { intAttribute } from '../../attribute.ts';
import { reduceSum, reshape } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRules, GradientSite } from '../rule.ts';
import { inputGradient } from './convolution-input.ts';
import { weightGradient } from './convolution-weight.ts';
import { windowOf } from './window.ts';

function biasGradient(site: GradientSite): Value {
  const { gradient } = site;
  const axes = gradient.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return reshape(site.w, reduceSum(site.w, gradient, axes), [gradient.dims[1]!]);
}

export const convolution: GradientRules = {
  Conv: (site) => {
    const groups = intAttribute(site.node.proto, 'group', 1);
    const window = windowOf(site, site.input(0).dims.slice(2), site.input(1).dims.slice(2));
    return [
      site.wants(0) ? inputGradient(site, window, groups) : undefined,
      site.wants(1) ? weightGradient(site, window, groups) : undefined,
      site.wants(2) ? biasGradient(site) : undefined,
    ];
  },
};
