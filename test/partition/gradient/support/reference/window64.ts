/** Convolutions and pools by their definition, in two dimensions; one dimension is one row. */

import { intAttribute, intsAttribute, stringAttribute } from '../../../../../partition/attribute.ts';
import type { NodeProto } from '../../../../../proto/gen/onnx/onnx.ts';
import { filled, type Tensor64 } from './tensor64.ts';

type Pair = readonly [number, number];

interface Window64 {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly begin: Pair;
  readonly out: Pair;
  readonly size: Pair;
}

/** What stands in front of a single spatial axis, so that there are two. */
function pair(values: readonly number[], lonely: number): Pair {
  return values.length === 1 ? [lonely, values[0]!] : [values[0]!, values[1]!];
}

function windowOf(node: NodeProto, spatial: readonly number[], kernelShape: readonly number[]): Window64 {
  const ones = spatial.map(() => 1);
  const [kernel, size] = [pair(kernelShape, 1), pair(spatial, 1)];
  const stride = pair(intsAttribute(node, 'strides') ?? ones, 1);
  const dilation = pair(intsAttribute(node, 'dilations') ?? ones, 1);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const pads = intsAttribute(node, 'pads') ?? [...ones, ...ones].map(() => 0);
  let [begin, end] = [pair(pads.slice(0, spatial.length), 0), pair(pads.slice(spatial.length), 0)];
  const reach = [0, 1].map((axis) => (kernel[axis]! - 1) * dilation[axis]! + 1);
  if (auto.startsWith('SAME')) {
    const all = [0, 1].map((axis) =>
      Math.max(0, (Math.ceil(size[axis]! / stride[axis]!) - 1) * stride[axis]! + reach[axis]! - size[axis]!),
    );
    begin = all.map((pad) => (auto === 'SAME_UPPER' ? Math.floor(pad / 2) : Math.ceil(pad / 2))) as unknown as Pair;
    end = all.map((pad, axis) => pad - begin[axis]!) as unknown as Pair;
  }
  const out = [0, 1].map((axis) => Math.floor((size[axis]! + begin[axis]! + end[axis]! - reach[axis]!) / stride[axis]!) + 1);
  return { kernel, stride, dilation, begin, out: out as unknown as Pair, size };
}

export function conv64(node: NodeProto, x: Tensor64, weight: Tensor64, bias: Tensor64 | undefined): Tensor64 {
  const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const [maps, perGroup, ...kernelShape] = weight.dims as [number, number, ...number[]];
  const window = windowOf(node, spatial, kernelShape);
  const groups = intAttribute(node, 'group', 1);
  const { kernel, out, size } = window;
  const [area, mapsPerGroup, length] = [out[0] * out[1], maps / groups, perGroup * kernel[0] * kernel[1]];
  const y = filled([batch, maps, ...(spatial.length === 1 ? [out[1]] : out)]);
  for (let n = 0; n < batch; n += 1) {
    for (let group = 0; group < groups; group += 1) {
      const seen = patches(x.data, (n * channels + group * perGroup) * size[0] * size[1], perGroup, window);
      for (let m = group * mapsPerGroup; m < (group + 1) * mapsPerGroup; m += 1) {
        for (let place = 0; place < area; place += 1) {
          const product = dot(weight.data, m * length, seen, place * length, length);
          y.data[(n * maps + m) * area + place] = product + (bias?.data[m] ?? 0);
        }
      }
    }
  }
  return y;
}

/** For each place of the window what it sees of some channels, in the order of the weights; 0 outside. */
function patches(x: Float64Array, from: number, channels: number, { kernel, stride, dilation, begin, out, size }: Window64): Float64Array {
  const length = channels * kernel[0] * kernel[1];
  const seen = new Float64Array(out[0] * out[1] * length);
  let at = 0;
  for (let r = 0; r < out[0]; r += 1) {
    for (let s = 0; s < out[1]; s += 1) {
      for (let c = 0; c < channels; c += 1) {
        for (let kr = 0; kr < kernel[0]; kr += 1) {
          const row = r * stride[0] + kr * dilation[0] - begin[0];
          for (let kc = 0; kc < kernel[1]; kc += 1, at += 1) {
            const column = s * stride[1] + kc * dilation[1] - begin[1];
            const inside = row >= 0 && row < size[0] && column >= 0 && column < size[1];
            if (inside) seen[at] = x[from + (c * size[0] + row) * size[1] + column]!;
          }
        }
      }
    }
  }
  return seen;
}

function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at += 1) sum += a[fromA + at]! * b[fromB + at]!;
  return sum;
}

/** `pick`: of the values in a window, and of how many places it has, the result. */
export function pool64(node: NodeProto, x: Tensor64, pick: (values: readonly number[], places: number) => number): Tensor64 {
  const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const { kernel, stride, dilation, begin, out, size } = windowOf(node, spatial, intsAttribute(node, 'kernel_shape')!);
  const area = out[0] * out[1];
  return filled([batch, channels, ...(spatial.length === 1 ? [out[1]] : out)], (position) => {
    const from = Math.floor(position / area) * size[0] * size[1];
    const [r, s] = [Math.floor((position % area) / out[1]), position % out[1]];
    const values: number[] = [];
    for (let kr = 0; kr < kernel[0]; kr += 1) {
      for (let kc = 0; kc < kernel[1]; kc += 1) {
        const [row, column] = [r * stride[0] + kr * dilation[0] - begin[0], s * stride[1] + kc * dilation[1] - begin[1]];
        if (row >= 0 && row < size[0] && column >= 0 && column < size[1]) values.push(x.data[from + row * size[1] + column]!);
      }
    }
    return pick(values, kernel[0] * kernel[1]);
  });
}
