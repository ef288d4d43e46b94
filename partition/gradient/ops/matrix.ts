/**
 * Products of matrices.
 *
 *     y = a · b       ∂a = ∂y · bᵀ       ∂b = aᵀ · ∂y          batches in front are broadcast, as everywhere
 */
import { floatAttribute, intAttribute } from '../../attribute.ts';
import { broadcast } from '../../infer/fact.ts';
import { float, int } from '../../zoo/attributes.ts';
import { reshape, scale, sumTo, transpose } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientRule, GradientRules } from '../rule.ts';

const gemm: GradientRule = (site) => {
  const { w, gradient } = site;
  const node = site.node.proto;
  const alpha = floatAttribute(node, 'alpha') ?? 1;
  const [transA, transB] = [intAttribute(node, 'transA', 0), intAttribute(node, 'transB', 0)];
  const product = (left: Value, turnLeft: number, right: Value, turnRight: number, dims: readonly number[]) =>
    w.node('Gemm', [left, right], dims, [float('alpha', alpha), int('transA', turnLeft), int('transB', turnRight * 1)]);
  const [a, b] = [site.input(0), site.input(1)];
  const ofA = () => (transA ? product(b, transB, gradient, 1, a.dims) : product(gradient, 0, b, 1 - transB, a.dims));
  const ofB = () => (transB ? product(gradient, 1, a, transA, b.dims) : product(a, 1 - transA, gradient, 0, b.dims));
  const ofC = () => sumTo(w, scale(w, gradient, floatAttribute(node, 'beta') ?? 1), site.input(2).dims);
  return [site.wants(0) ? ofA() : undefined, site.wants(1) ? ofB() : undefined, site.wants(2) ? ofC() : undefined];
};

const matmul: GradientRule = (site) => {
  const { w } = site;
  const [given, other] = [site.input(0), site.input(1)];
  // A vector is a matrix of one row on the left, of one column on the right.
  const a = given.dims.length === 1 ? reshape(w, given, [1, ...given.dims]) : given;
  const b = other.dims.length === 1 ? reshape(w, other, [...other.dims, 1]) : other;
  const batches = broadcast([a.dims.slice(0, -2), b.dims.slice(0, -2)])!;
  const gradient = reshape(w, site.gradient, [...batches, a.dims.at(-2)!, b.dims.at(-1)!]);
  const back = (made: Value, from: Value, to: Value) => reshape(w, sumTo(w, made, from.dims), to.dims);
  return [
    site.wants(0) ? back(product(w, gradient, turned(w, b)), a, given) : undefined,
    site.wants(1) ? back(product(w, turned(w, a), gradient), b, other) : undefined,
  ];
};

function turned(w: GraphWriter, x: Value): Value {
  const axes = x.dims.map((_, axis) => axis);
  return transpose(w, x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

function product(w: GraphWriter, a: Value, b: Value): Value {
  const batches = broadcast([a.dims.slice(0, -2), b.dims.slice(0, -2)])!;
  return w.node('MatMul', [a, b], [...batches, a.dims.at(-2)!, b.dims.at(-1)!]);
}

export const matrix: GradientRules = { Gemm: gemm, MatMul: matmul };
