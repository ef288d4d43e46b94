/** Tensors of float64 for reference computations: plain, slow, and independent of what they check. */
export interface Tensor64 {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function filled(dims: readonly number[], value?: (index: number) => number): Tensor64 {
  const data = new Float64Array(sizeOf(dims));
  // Not `from`: it is many times slower, and some tensors have a million elements.
  if (value !== undefined) for (let index = 0; index < data.length; index += 1) data[index] = value(index);
  return { dims, data };
}

export function mapped(x: Tensor64, each: (value: number) => number): Tensor64 {
  return { dims: x.dims, data: x.data.map((value) => each(value)) };
}

/** Elements between neighbours along each axis. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis -= 1) strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

/** Index along each axis of the element at a position. */
export function indexOf(position: number, dims: readonly number[]): number[] {
  return stridesOf(dims).map((stride, axis) => Math.floor(position / stride) % dims[axis]!);
}

export function positionOf(index: readonly number[], dims: readonly number[]): number {
  return stridesOf(dims).reduce((sum, stride, axis) => sum + stride * index[axis]!, 0);
}

/** A tensor each element of which is looked up in another one by its index. */
export function gathered(x: Tensor64, dims: readonly number[], from: (index: number[]) => readonly number[]): Tensor64 {
  return filled(dims, (position) => x.data[positionOf(from(indexOf(position, dims)), x.dims)]!);
}

/** For each element in order the position that these strides give it. */
export function walked(dims: readonly number[], strides: readonly number[]): Int32Array {
  const positions = new Int32Array(sizeOf(dims));
  let filledTo = 1;
  for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
    // What is known of one entry of this axis holds for all, moved by the stride.
    for (let entry = 1; entry < dims[axis]!; entry += 1) {
      const moved = entry * strides[axis]!;
      for (let at = 0; at < filledTo; at += 1) positions[entry * filledTo + at] = positions[at]! + moved;
    }
    filledTo *= dims[axis]!;
  }
  return positions;
}

/** Strides that stand still along axes of size 1. */
export function broadcastStrides(dims: readonly number[]): number[] {
  return stridesOf(dims).map((stride, axis) => (dims[axis] === 1 ? 0 : stride));
}

/** Both operands broadcast to a common shape, element by element. */
export function zipped(a: Tensor64, b: Tensor64, each: (a: number, b: number) => number): Tensor64 {
  if (a.dims.join() === b.dims.join()) return { dims: a.dims, data: a.data.map((value, index) => each(value, b.data[index]!)) };
  const rank = Math.max(a.dims.length, b.dims.length);
  const [left, right] = [a, b].map(({ dims }) => [...new Array<number>(rank - dims.length).fill(1), ...dims]) as [number[], number[]];
  const dims = left.map((size, axis) => Math.max(size, right[axis]!));
  const [inLeft, inRight] = [walked(dims, broadcastStrides(left)), walked(dims, broadcastStrides(right))];
  return filled(dims, (position) => each(a.data[inLeft[position]!]!, b.data[inRight[position]!]!));
}

/** Axes in another order. */
export function permuted(x: Tensor64, order: readonly number[]): Tensor64 {
  const strides = stridesOf(x.dims);
  const from = walked(
    order.map((axis) => x.dims[axis]!),
    order.map((axis) => strides[axis]!),
  );
  return filled(
    order.map((axis) => x.dims[axis]!),
    (position) => x.data[from[position]!]!,
  );
}
