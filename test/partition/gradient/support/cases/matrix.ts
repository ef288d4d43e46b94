/** Products of matrices, reductions, normalization with fixed statistics. */
import fc from 'fast-check';
import { int64s } from '../../../support/build.ts';
import { numbers } from '../check-operator.ts';
import { int, type OperatorCases, shapes, single } from './case.ts';

const gemm: OperatorCases = {
  cases: fc
    .tuple(int(1, 4), int(1, 4), int(1, 4), fc.boolean(), fc.boolean(), int(0, 4), fc.boolean())
    .map(([m, k, n, transA, transB, bias, factors]) => () => {
      const c = [undefined, [n], [m, n], [m, 1], []][bias];
      const attributes = {
        transA: Number(transA),
        transB: Number(transB),
        ...(factors ? { alpha: { float: 0.5 }, beta: { float: 1.5 } } : {}),
      };
      return single('Gemm', [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...(c === undefined ? [] : [c])], attributes);
    }),
  float64: true,
};

const matmul: OperatorCases = {
  cases: fc
    .tuple(int(1, 3), int(1, 4), int(1, 3), fc.constantFrom('plain', 'batched', 'left', 'right', 'ones', 'vector', 'column', 'dot'))
    .map(([m, k, n, kind]) => () => {
      const left = { batched: [2, 3, m, k], left: [3, m, k], ones: [2, 1, m, k], vector: [k], dot: [k] }[kind as string] ?? [m, k];
      const right = { batched: [2, 3, k, n], right: [2, k, n], ones: [3, k, n], vector: [2, k, n], column: [k], dot: [k] }[
        kind as string
      ] ?? [k, n];
      return single('MatMul', [left, right]);
    }),
  float64: true,
};

const reduce = (operator: string, axesAsInput: boolean): OperatorCases => ({
  cases: fc
    .tuple(shapes(1, 4), fc.array(int(0, 3), { maxLength: 3 }), fc.boolean(), fc.boolean())
    .map(([dims, picked, keep, negative]) => () => {
      const axes = [...new Set(picked.map((axis) => axis % dims.length))].map((axis) => (negative ? axis - dims.length : axis));
      const keepdims = Number(keep);
      if (axes.length === 0) return single(operator, [dims], { keepdims });
      if (!axesAsInput) return single(operator, [dims], { keepdims, axes });
      return single(operator, [dims], { keepdims }, { constants: [int64s('axes', axes)], constantInputs: ['axes'] });
    }),
  float64: true,
});

const batchNorm: OperatorCases = {
  cases: fc.tuple(int(1, 3), int(1, 4), shapes(0, 2)).map(([batch, channels, spatial]) => (kind) => {
    const some = (first: number) => Array.from({ length: channels }, (_, index) => first + index / 4);
    return single(
      'BatchNormalization',
      [[batch, channels, ...spatial], [channels], [channels]],
      { epsilon: { float: 0.01 } },
      {
        constants: [numbers('mean', [channels], some(-0.5), kind), numbers('var', [channels], some(0.75), kind)],
        constantInputs: ['mean', 'var'],
      },
    );
  }),
  float64: true,
};

export const matrixCases: Readonly<Record<string, OperatorCases>> = {
  Gemm: gemm,
  MatMul: matmul,
  ReduceSum: reduce('ReduceSum', true),
  ReduceMean: reduce('ReduceMean', false),
  BatchNormalization: batchNorm,
};
