/** Products of matrices and recurrence by their definition. */

import { floatAttribute, intAttribute, stringAttribute } from '../../../../../partition/attribute.ts';
import type { NodeProto } from '../../../../../proto/gen/onnx/onnx.ts';
import { filled, indexOf, permuted, positionOf, type Tensor64, zipped } from './tensor64.ts';

export function gemm64(node: NodeProto, a: Tensor64, b: Tensor64, c: Tensor64 | undefined): Tensor64 {
  const left = intAttribute(node, 'transA', 0) ? permuted(a, [1, 0]) : a;
  const right = intAttribute(node, 'transB', 0) ? permuted(b, [1, 0]) : b;
  const alpha = floatAttribute(node, 'alpha') ?? 1;
  const product = matmul64(left, right);
  const scaled = { dims: product.dims, data: product.data.map((value) => alpha * value) };
  const beta = floatAttribute(node, 'beta') ?? 1;
  return c === undefined ? scaled : zipped(scaled, c, (value, more) => value + beta * more);
}

export function matmul64(a: Tensor64, b: Tensor64): Tensor64 {
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims;
  const rank = Math.max(left.length, right.length);
  const [padLeft, padRight] = [left, right].map((dims) => [...new Array<number>(rank - dims.length).fill(1), ...dims]) as [
    number[],
    number[],
  ];
  const batches = padLeft.slice(0, -2).map((size, axis) => Math.max(size, padRight[axis]!));
  const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
  const y = filled([...batches, rows, columns]);
  for (let batch = 0; batch * rows * columns < y.data.length; batch += 1) {
    const index = indexOf(batch, batches);
    const start = (dims: readonly number[], size: number) =>
      size *
      positionOf(
        index.map((at, axis) => (dims[axis] === 1 ? 0 : at)),
        dims.slice(0, -2),
      );
    const [fromLeft, fromRight] = [start(padLeft, rows * inner), start(padRight, inner * columns)];
    for (let row = 0; row < rows; row += 1) {
      for (let at = 0; at < inner; at += 1) {
        const factor = a.data[fromLeft + row * inner + at]!;
        for (let column = 0; column < columns; column += 1) {
          y.data[(batch * rows + row) * columns + column]! += factor * b.data[fromRight + at * columns + column]!;
        }
      }
    }
  }
  const kept = [...batches, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])];
  return { dims: kept, data: y.data };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Y, Y_h, Y_c. */
export function lstm64(
  node: NodeProto,
  [x, w, r, b, , hidden, cell]: readonly (Tensor64 | undefined)[],
): readonly [Tensor64, Tensor64, Tensor64] {
  const [steps, batch, features] = x!.dims as [number, number, number];
  const [directions, , size] = r!.dims as [number, number, number];
  const y = filled([steps, directions, batch, size]);
  const h = filled([directions, batch, size], (index) => hidden?.data[index] ?? 0);
  const c = filled([directions, batch, size], (index) => cell?.data[index] ?? 0);
  for (let d = 0; d < directions; d += 1) {
    const backwards = d === 1 || stringAttribute(node, 'direction', 'forward') === 'reverse';
    for (let step = 0; step < steps; step += 1) {
      const time = backwards ? steps - 1 - step : step;
      for (let n = 0; n < batch; n += 1) {
        const state = (d * batch + n) * size;
        const before = h.data.slice(state, state + size);
        const gate = (number: number, unit: number): number => {
          const row = number * size + unit;
          let sum = (b?.data[d * 8 * size + row] ?? 0) + (b?.data[d * 8 * size + 4 * size + row] ?? 0);
          for (let at = 0; at < features; at += 1)
            sum += w!.data[(d * 4 * size + row) * features + at]! * x!.data[(time * batch + n) * features + at]!;
          for (let at = 0; at < size; at += 1) sum += r!.data[(d * 4 * size + row) * size + at]! * before[at]!;
          return sum;
        };
        for (let unit = 0; unit < size; unit += 1) {
          const [input, output, forget, candidate] = [
            sigmoid(gate(0, unit)),
            sigmoid(gate(1, unit)),
            sigmoid(gate(2, unit)),
            Math.tanh(gate(3, unit)),
          ];
          c.data[state + unit] = forget * c.data[state + unit]! + input * candidate;
          h.data[state + unit] = output * Math.tanh(c.data[state + unit]!);
          y.data[((time * directions + d) * batch + n) * size + unit] = h.data[state + unit]!;
        }
      }
    }
  }
  return [y, h, c];
}
