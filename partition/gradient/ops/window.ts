/**
 * The window of a convolution or pool as plain numbers, whichever way the node says it.
 *
 *     begin │ x x x x x x x │ end        out = floor((in + begin + end − reach) / stride) + 1,  reach = (kernel − 1) · dilation + 1
 *           └─┬─┘ → stride               rest: what the last window does not reach, less than a stride
 */
import { intAttribute, intsAttribute, stringAttribute } from '../../attribute.ts';
import { ints } from '../../zoo/attributes.ts';
import type { GradientSite } from '../rule.ts';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  /** Elements at the end of each axis, padding included, that no window reaches. */
  readonly rests: readonly number[];
}

/** `spatial`: sizes of the node's input. Error `unsupported` for windows that end outside (ceil_mode). */
export function windowOf(site: GradientSite, spatial: readonly number[], kernel: readonly number[]): Window {
  const node = site.node.proto;
  if (intAttribute(node, 'ceil_mode', 0) !== 0) throw site.unsupported('ceil_mode');
  const ones = spatial.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = padsOf(site, spatial, reach, strides);
  const [begins, ends] = [pads.slice(0, spatial.length), pads.slice(spatial.length)];
  const rests = spatial.map((size, axis) => (size + begins[axis]! + ends[axis]! - reach[axis]!) % strides[axis]!);
  return { kernel, strides, dilations, begins, ends, rests };
}

function padsOf(site: GradientSite, spatial: readonly number[], reach: readonly number[], strides: readonly number[]): readonly number[] {
  const auto = stringAttribute(site.node.proto, 'auto_pad', 'NOTSET');
  const none = [...spatial, ...spatial].map(() => 0);
  if (auto === 'NOTSET') return intsAttribute(site.node.proto, 'pads') ?? none;
  if (auto === 'VALID') return none;
  const totals = spatial.map((size, axis) => {
    const out = Math.ceil(size / strides[axis]!);
    return Math.max(0, (out - 1) * strides[axis]! + reach[axis]! - size);
  });
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total) => Math.ceil(total / 2));
  return auto === 'SAME_LOWER' ? [...larger, ...smaller] : [...smaller, ...larger];
}

/** Attributes of the ConvTranspose that takes every output back to where its window stood. */
export function backwards({ kernel, strides, dilations, begins, ends, rests }: Window) {
  return [
    ints('kernel_shape', kernel),
    ints('strides', strides),
    ints('dilations', dilations),
    ints('pads', [...begins, ...ends]),
    ints('output_padding', rests),
  ];
}
