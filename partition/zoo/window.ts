/**
 * Windows that slide over the spatial axes of N × C × D1 × D2 × …: a number stands for all axes, a list has one number for each.
 *
 *     out = floor((in + begin + end − kernel) / stride) + 1                             (ceil instead of floor where that is asked for)
 */
import type { AttributeProto } from '../../proto/gen/onnx/onnx.ts';
import { ints } from './attributes.ts';

export type PerAxis = number | readonly number[];

export interface WindowOptions {
  readonly kernel: PerAxis;
  readonly stride?: PerAxis;
  /** On both sides, or only before the first element when `padEnd` says otherwise. */
  readonly pad?: PerAxis;
  readonly padEnd?: PerAxis;
  readonly ceil?: boolean;
}

export interface Window {
  readonly kernel: readonly number[];
  readonly attributes: readonly AttributeProto[];
  /** Sizes of the spatial axes afterwards. */
  readonly sizes: readonly number[];
}

export function slide(spatial: readonly number[], options: WindowOptions): Window {
  const each = (value: PerAxis): readonly number[] => (typeof value === 'number' ? spatial.map(() => value) : value);
  const [kernel, strides] = [each(options.kernel), each(options.stride ?? 1)];
  const [begins, ends] = [each(options.pad ?? 0), each(options.padEnd ?? options.pad ?? 0)];
  const round = options.ceil ? Math.ceil : Math.floor;
  return {
    kernel,
    attributes: [ints('kernel_shape', kernel), ints('strides', strides), ints('pads', [...begins, ...ends])],
    sizes: spatial.map((size, axis) => round((size + begins[axis]! + ends[axis]! - kernel[axis]!) / strides[axis]!) + 1),
  };
}
