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

export function transpose(w: GraphWriter, x: Value, order: readonly number[]): Value {
  if (order.every((axis, index) => axis === index)) return x;
  return w.node(
    'Transpose',
    [x],
    order.map((axis) => x.dims[axis]!),
    [ints('perm', order)],
  );
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
