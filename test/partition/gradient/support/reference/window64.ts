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
  const { kernel, stride, dilation, begin, out, size } = windowOf(node, spatial, kernelShape);
  const mapsPerGroup = maps / intAttribute(node, 'group', 1);
  const y = filled([batch, maps, ...(spatial.length === 1 ? [out[1]] : out)]);
  const [rows, columns] = out;
  const area = rows * columns;
  for (let n = 0; n < batch; n += 1) {
    for (let m = 0; m < maps; m += 1) {
      const to = (n * maps + m) * area;
      if (bias !== undefined) y.data.fill(bias.data[m]!, to, to + area);
      for (let c = 0; c < perGroup; c += 1) {
        const from = (n * channels + Math.floor(m / mapsPerGroup) * perGroup + c) * size[0] * size[1];
        for (let kr = 0; kr < kernel[0]; kr += 1) {
          for (let kc = 0; kc < kernel[1]; kc += 1) {
            const factor = weight.data[((m * perGroup + c) * kernel[0] + kr) * kernel[1] + kc]!;
            const left = kc * dilation[1] - begin[1];
            for (let r = 0; r < rows; r += 1) {
              const row = r * stride[0] + kr * dilation[0] - begin[0];
              if (row >= 0 && row < size[0])
                addRow(y.data, to + r * columns, columns, x.data, from + row * size[1], size[1], left, stride[1], factor);
            }
          }
        }
      }
    }
  }
  return y;
}

/** Adds a row of x to a row of y, starting `left` beside it; what would be outside of x counts as 0. */
function addRow(
  y: Float64Array,
  to: number,
  count: number,
  x: Float64Array,
  from: number,
  size: number,
  left: number,
  stride: number,
  factor: number,
): void {
  for (let s = 0, column = left; s < count && column < size; s += 1, column += stride) {
    if (column >= 0) y[to + s]! += factor * x[from + column]!;
  }
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
