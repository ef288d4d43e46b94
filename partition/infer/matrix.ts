/**
 * Matrix products: Gemm, MatMul and their integer forms, Einsum, Det.
 */
import { intAttribute, stringAttribute } from '../attribute.ts';
import { broadcast, type Fact, fact, INT32, type Rule, type Rules, type Site } from './fact.ts';

/** Numpy's matmul: the last two axes multiply, those before broadcast, a vector lends itself an axis. */
export function matmulDims(a: readonly number[] | undefined, b: readonly number[] | undefined): readonly number[] | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  if (batch === undefined) return undefined;
  return [...batch, ...(a.length > 1 ? [a.at(-2)!] : []), ...(b.length > 1 ? [b.at(-1)!] : [])];
}

function multiplied(site: Site, b: number, dtype: number): readonly Fact[] {
  return [fact(dtype, matmulDims(site.input(0).dims, site.input(b).dims))];
}

const gemm: Rule = (site) => {
  const [a, b] = [site.input(0), site.input(1)];
  const rows = a.dims?.[intAttribute(site.node, 'transA', 0) ? 1 : 0] ?? -1;
  const columns = b.dims?.[intAttribute(site.node, 'transB', 0) ? 0 : 1] ?? -1;
  return [fact(a.dtype || b.dtype, [rows, columns])];
};

const einsum: Rule = (site) => {
  const dtype = site.input(0).dtype;
  const [left = '', right] = stringAttribute(site.node, 'equation', '').replaceAll(' ', '').split('->');
  if (right === undefined || left.includes('.') || right.includes('.')) return [fact(dtype, undefined)];
  const sizes = new Map<string, number>();
  left.split(',').forEach((letters, index) => {
    [...letters].forEach((letter, axis) => {
      const size = site.input(index).dims?.[axis] ?? -1;
      if (size !== -1) sizes.set(letter, size);
    });
  });
  return [
    fact(
      dtype,
      [...right].map((letter) => sizes.get(letter) ?? -1),
    ),
  ];
};

export const matrix: Rules = {
  Gemm: gemm,
  MatMul: (site) => multiplied(site, 1, site.input(0).dtype || site.input(1).dtype),
  MatMulInteger: (site) => multiplied(site, 1, INT32),
  QLinearMatMul: (site) => multiplied(site, 3, site.input(7).dtype),
  Einsum: einsum,
  Det: (site) => [fact(site.input(0).dtype, site.input(0).dims?.slice(0, -2))],
};
