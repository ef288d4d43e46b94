/**
 * Arithmetic on tensors of known size, as nodes: what gradients, losses and optimizers are written with.
 *
 *     add(w, x, scale(w, y, 0.5))   writes   Mul(y, 0.5), Add(x, …)   and returns the tensor the Add makes
 */
import { elementCount } from '../../mesh/tensor.ts';
import { broadcast } from '../infer/fact.ts';
import { int, ints } from '../zoo/attributes.ts';
import type { GraphWriter, Value } from './graph-writer.ts';

const elementwise =
  (operator: string) =>
  (w: GraphWriter, a: Value, b: Value): Value =>
    w.node(operator, [a, b], broadcast([a.dims, b.dims])!);

export const add = elementwise('Add');
export const subtract = elementwise('Sub');
export const multiply = elementwise('Mul');
export const divide = elementwise('Div');

/** An operator of one tensor that keeps its size. */
export function map(w: GraphWriter, operator: string, x: Value): Value {
  return w.node(operator, [x], x.dims);
}

export function scale(w: GraphWriter, x: Value, factor: number): Value {
  return factor === 1 ? x : multiply(w, x, w.numbers(factor, x));
}

export function plus(w: GraphWriter, x: Value, summand: number): Value {
  return summand === 0 ? x : add(w, x, w.numbers(summand, x));
}

export function square(w: GraphWriter, x: Value): Value {
  return multiply(w, x, x);
}

/** The sum of one or more tensors of one size. */
export function sum(w: GraphWriter, values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : w.node('Sum', values, values[0]!.dims);
}

export function reshape(w: GraphWriter, x: Value, dims: readonly number[]): Value {
  return isSame(x.dims, dims) ? x : w.node('Reshape', [x, w.integers(dims)], dims);
}

/** Axes of one element, and neighbours that stay neighbours, cost a runtime its fast ways: they are taken out of the order first. */
export function transpose(w: GraphWriter, x: Value, order: readonly number[]): Value {
  const dims = order.map((axis) => x.dims[axis]!);
  const runs: number[][] = [];
  for (const axis of order.filter((each) => x.dims[each] !== 1)) {
    const last = runs.at(-1);
    if (last !== undefined && isNext(x, last.at(-1)!, axis)) last.push(axis);
    else runs.push([axis]);
  }
  const inOrder = runs.toSorted(([a], [b]) => a! - b!);
  const perm = runs.map((run) => inOrder.indexOf(run));
  if (perm.every((axis, index) => axis === index)) return reshape(w, x, dims);
  const sizes = inOrder.map((run) => elementCount(run.map((axis) => x.dims[axis]!)));
  const turned = w.node(
    'Transpose',
    [reshape(w, x, sizes)],
    perm.map((axis) => sizes[axis]!),
    [ints('perm', perm)],
  );
  return reshape(w, turned, dims);
}

/** Between two axes are only axes of one element. */
function isNext(x: Value, axis: number, next: number): boolean {
  return axis < next && x.dims.slice(axis + 1, next).every((size) => size === 1);
}

/** Sum over these axes, which stay as 1. */
export function reduceSum(w: GraphWriter, x: Value, axes: readonly number[]): Value {
  const summed = axes.filter((axis) => x.dims[axis] !== 1);
  if (summed.length === 0) return x;
  const dims = x.dims.map((size, axis) => (summed.includes(axis) ? 1 : size));
  return w.node('ReduceSum', [x, w.integers(summed)], dims, [int('keepdims', 1)]);
}

/** Mean over these axes, which stay as 1. */
export function mean(w: GraphWriter, x: Value, axes: readonly number[]): Value {
  return scale(w, reduceSum(w, x, axes), 1 / elementCount(axes.map((axis) => x.dims[axis]!)));
}

/** The sum of all elements, a scalar. */
export function total(w: GraphWriter, x: Value): Value {
  return reshape(
    w,
    reduceSum(
      w,
      x,
      x.dims.map((_, axis) => axis),
    ),
    [],
  );
}

/** The same numbers in every place of a larger shape. */
export function expand(w: GraphWriter, x: Value, dims: readonly number[]): Value {
  return isSame(x.dims, dims) ? x : w.node('Expand', [x, w.integers(dims)], dims);
}

/** Of what was broadcast to the size of `x`: the sum over its copies. */
export function sumTo(w: GraphWriter, x: Value, dims: readonly number[]): Value {
  const padded = [...new Array<number>(x.dims.length - dims.length).fill(1), ...dims];
  const axes = x.dims.flatMap((size, axis) => (padded[axis] === 1 && size !== 1 ? [axis] : []));
  return reshape(w, reduceSum(w, x, axes), dims);
}

/** Entries `first` to before `end` of an axis. */
export function slice(w: GraphWriter, x: Value, axis: number, first: number, end: number): Value {
  if (first === 0 && end === x.dims[axis]) return x;
  return w.node('Slice', [x, w.integers([first]), w.integers([end]), w.integers([axis])], x.dims.with(axis, end - first));
}

/** The part of `x` that begins at `starts` and has `dims`. */
export function sliceAll(w: GraphWriter, x: Value, starts: readonly number[], dims: readonly number[]): Value {
  const axes = x.dims.flatMap((size, axis) => (size === dims[axis] ? [] : [axis]));
  if (axes.length === 0) return x;
  const [first, end] = [axes.map((axis) => starts[axis]!), axes.map((axis) => starts[axis]! + dims[axis]!)];
  return w.node('Slice', [x, w.integers(first), w.integers(end), w.integers(axes)], dims);
}

/** `x` within zeros: it begins at `starts`, all has `dims`. */
export function padAll(w: GraphWriter, x: Value, starts: readonly number[], dims: readonly number[]): Value {
  if (isSame(x.dims, dims)) return x;
  return w.node('Pad', [x, w.integers([...starts, ...dims.map((size, axis) => size - starts[axis]! - x.dims[axis]!)])], dims);
}

/** From the last to the first along these axes. */
export function reversed(w: GraphWriter, x: Value, axes: readonly number[]): Value {
  const turned = axes.filter((axis) => x.dims[axis] !== 1);
  if (turned.length === 0) return x;
  const every = (number: number) => w.integers(turned.map(() => number));
  // As far back as integers go: before the first.
  return w.node('Slice', [x, every(-1), every(-(2 ** 53)), w.integers(turned), every(-1)], x.dims);
}

/** Pieces of these sizes along an axis. */
export function split(w: GraphWriter, x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  if (sizes.length === 1) return [x];
  const dims = sizes.map((size) => x.dims.with(axis, size));
  return w.nodes('Split', [x, w.integers(sizes)], dims, [int('axis', axis)]);
}

export function concat(w: GraphWriter, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const size = values.reduce((total, { dims }) => total + dims[axis]!, 0);
  return w.node('Concat', values, values[0]!.dims.with(axis, size), [int('axis', axis)]);
}

/** 1 where `a` is more than `b` (smaller shapes are broadcast), 0 elsewhere, in the type of `a`. */
export function isMore(w: GraphWriter, a: Value, b: Value): Value {
  return truth(w, 'Greater', a, b, a.dtype);
}

/** A comparison as numbers 0 and 1 of a type. */
export function truth(w: GraphWriter, operator: string, a: Value, b: Value, dtype: number): Value {
  const dims = broadcast([a.dims, b.dims])!;
  const is = w.node(operator, [a, b], dims, [], BOOL);
  return cast(w, is, dtype);
}

export function cast(w: GraphWriter, x: Value, dtype: number): Value {
  return x.dtype === dtype ? x : w.node('Cast', [x], x.dims, [int('to', dtype)], dtype);
}

export function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

const BOOL = 9;
