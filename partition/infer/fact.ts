/**
 * What is known about a tensor before any frame arrives. Unknown stays unknown: 0 as element type, undefined as rank, -1 as dimension,
 * null as value. Nothing is guessed.
 */
import type { NodeProto, TypeProto } from '../../proto/gen/onnx/onnx.ts';

export interface Fact {
  /** ONNX TensorProto.DataType; 0: unknown. */
  readonly dtype: number;
  readonly dims: readonly number[] | undefined;
  /** The elements of small tensors that are computed from shapes and constants. */
  readonly values?: readonly (number | null)[] | undefined;
}

export const unknown: Fact = { dtype: 0, dims: undefined };

export const FLOAT = 1;
export const UINT8 = 2;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;

/** What a rule may look at: the node, and facts about its inputs by position. */
export interface Site {
  readonly node: NodeProto;
  /** Version of the node's operator domain. */
  readonly opset: number;
  readonly inputCount: number;
  /** {@link unknown} for an input that is left out. */
  input(index: number): Fact;
  has(index: number): boolean;
  /** Facts about the outputs of the graph in this attribute, given facts about its inputs; undefined when there is none. */
  subgraph(attribute: string, inputs: readonly Fact[]): readonly Fact[] | undefined;
}

/** Facts about a node's outputs by position; positions left out are unknown. */
export type Rule = (site: Site) => readonly Fact[];

export type Rules = Readonly<Record<string, Rule>>;

export function fact(dtype: number, dims: readonly number[] | undefined, values?: readonly (number | null)[]): Fact {
  return values === undefined ? { dtype, dims } : { dtype, dims, values };
}

/** The size a rank and an axis speak of, counted from the end when negative; undefined when out of range. */
export function axisOf(axis: number, rank: number): number | undefined {
  const index = axis < 0 ? axis + rank : axis;
  return Number.isInteger(index) && index >= 0 && index < rank ? index : undefined;
}

/** Product, or -1 as soon as a factor is unknown (a known 0 wins). */
export function product(dims: readonly number[]): number {
  if (dims.includes(0)) return 0;
  return dims.includes(-1) ? -1 : dims.reduce((total, dim) => total * dim, 1);
}

/** Numpy's broadcasting. A dimension that is unknown on one side and more than 1 on the other is the latter. */
export function broadcast(shapes: readonly (readonly number[] | undefined)[]): readonly number[] | undefined {
  let result: readonly number[] = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const [a, b] = [padded(result, rank), padded(shape, rank)];
    result = a.map((left, index) => {
      const right = b[index]!;
      if (left === right || right === 1) return left;
      if (left === 1 || left === -1) return right;
      return right === -1 ? left : -1;
    });
  }
  return result;
}

function padded(dims: readonly number[], rank: number): readonly number[] {
  return [...new Array<number>(rank - dims.length).fill(1), ...dims];
}

/** All values of a constant, when each one is known. */
export function knownValues(of: Fact): readonly number[] | undefined {
  return of.values?.every((value) => value !== null) ? (of.values as readonly number[]) : undefined;
}

/** A type as a file or a subgraph declares it. Sequences, maps and optionals are unknown: they don't travel between stages. */
export function factOfType(type: TypeProto | undefined): Fact {
  const value = type?.value;
  if (value?.$case !== 'tensorType') return unknown;
  const dims = value.value.shape?.dim.map((dim) => (dim.value?.$case === 'dimValue' ? sizeOf(Number(dim.value.value)) : -1));
  return fact(value.value.elemType, dims);
}

/** A dimension from a file: a size, or unknown. */
export function sizeOf(value: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : -1;
}

/** Both are true of one tensor. Where they contradict each other nothing is known. */
export function merge(a: Fact, b: Fact): Fact {
  const dtype = a.dtype === 0 || a.dtype === b.dtype ? b.dtype : b.dtype === 0 ? a.dtype : 0;
  return fact(dtype, mergeDims(a.dims, b.dims), a.values ?? b.values);
}

function mergeDims(a: readonly number[] | undefined, b: readonly number[] | undefined): readonly number[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.length !== b.length) return undefined;
  return a.map((dim, index) => (dim === -1 ? b[index]! : b[index] === -1 || b[index] === dim ? dim : -1));
}

/** True of either of two tensors (the branches of an If). */
export function common(a: Fact, b: Fact): Fact {
  const dims = a.dims?.length === b.dims?.length ? a.dims?.map((dim, index) => (dim === b.dims![index] ? dim : -1)) : undefined;
  return fact(a.dtype === b.dtype ? a.dtype : 0, dims);
}
