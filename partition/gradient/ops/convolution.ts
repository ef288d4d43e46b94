/**
 * Convolution of any rank, with groups, strides, dilations and uneven padding.
 *
 *     y = x ∗ w          ∂x: ConvTranspose of ∂y and w, the same window
 *                        ∂w: Conv of x and ∂y with batch and channels exchanged, and stride and dilation exchanged
 *
 *     x  [N, g·C, in ] ─▶ [C, g·N, in ]  ─┐
 *     ∂y [N, g·M, out] ─▶ [g·M, N, out]  ─┴▶ Conv in g groups ─▶ [C, g·M, kernel] ─▶ ∂w [g·M, C, kernel]
 *
 * (Dumoulin, Visin, "A guide to convolution arithmetic for deep learning", 2016.)
 */
import { intAttribute } from '../../attribute.ts';
import { int, ints } from '../../zoo/attributes.ts';
import { reduceSum, reshape, slice, transpose } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRules, GradientSite } from '../rule.ts';
import { backwards, type Window, windowOf } from './window.ts';

function inputGradient(site: GradientSite, window: Window, groups: number): Value {
  return site.w.node('ConvTranspose', [site.gradient, site.input(1)], site.input(0).dims, [...backwards(window), int('group', groups)]);
}

function weightGradient(site: GradientSite, { kernel, strides, dilations, begins, ends, rests }: Window, groups: number): Value {
  const { w, gradient } = site;
  const [x, weight] = [site.input(0), site.input(1)];
  const [batch, , ...spatial] = x.dims as [number, number];
  const [maps, channels] = weight.dims as [number, number];
  const out = gradient.dims.slice(2);
  const rest = spatial.map((_, axis) => axis + 3);

  const grouped = reshape(w, x, [batch, groups, channels, ...spatial]);
  const inputs = reshape(w, transpose(w, grouped, [2, 1, 0, ...rest]), [channels, groups * batch, ...spatial]);
  const kernels = transpose(w, gradient, [1, 0, ...out.map((_, axis) => axis + 2)]);
  // What no window reached makes the result too long, when a stride has become a dilation.
  const found = kernel.map((size, axis) => size + Math.floor(rests[axis]! / dilations[axis]!));
  const attributes = [
    ints('kernel_shape', out),
    ints('strides', dilations),
    ints('dilations', strides),
    ints('pads', [...begins, ...ends]),
    int('group', groups),
  ];
  let made = w.node('Conv', [inputs, kernels], [channels, maps, ...found], attributes);
  for (const [axis, size] of kernel.entries()) made = slice(w, made, axis + 2, 0, size);
  return transpose(w, made, [1, 0, ...kernel.map((_, axis) => axis + 2)]);
}

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
