/** Operators that work element by element, with broadcasting, and softmax. */
import fc from 'fast-check';
import { TensorProto } from '../../../../../proto/gen/onnx/onnx.ts';
import { node } from '../../../support/build.ts';
import { numbers, type OperatorCase } from '../check-operator.ts';
import { int, type OperatorCases, shapes, single } from './case.ts';

const unary = (operator: string, more: Partial<OperatorCase> = {}, float64 = true): OperatorCases => ({
  cases: shapes().map((dims) => () => single(operator, [dims], {}, more)),
  float64,
});

/** Two shapes that can be broadcast: some axes of either are 1, and one may have fewer axes. */
const pairs: fc.Arbitrary<readonly [number[], number[]]> = fc
  .tuple(fc.array(fc.tuple(int(1, 4), int(0, 3)), { minLength: 1, maxLength: 4 }), int(0, 3), fc.boolean())
  .map(([axes, fewer, swap]) => {
    const left = axes.map(([size, kind]) => (kind === 1 ? 1 : size));
    const right = axes.map(([size, kind]) => (kind === 2 ? 1 : size)).slice(Math.min(fewer, axes.length));
    return swap ? [right, left] : [left, right];
  });

const binary = (operator: string, more: Partial<OperatorCase> = {}): OperatorCases => ({
  cases: pairs.map((dims) => () => single(operator, dims, {}, more)),
  float64: true,
});

const softmax = (operator: string): OperatorCases => ({
  cases: fc.tuple(shapes(), int(-4, 3)).map(
    ([dims, axis]) =>
      () =>
        single(operator, [dims], { axis: Math.min(Math.max(axis, -dims.length), dims.length - 1) }),
  ),
  float64: true,
});

const positive = { range: [0.5, 3] } as const;

export const elementwiseCases: Readonly<Record<string, OperatorCases>> = {
  Identity: unary('Identity'),
  Neg: unary('Neg'),
  Abs: unary('Abs'),
  Exp: unary('Exp'),
  Log: unary('Log', positive),
  Sqrt: unary('Sqrt', positive),
  Reciprocal: unary('Reciprocal', positive),
  Relu: unary('Relu'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Erf: unary('Erf', {}, false),
  Dropout: unary('Dropout'),
  LeakyRelu: {
    cases: fc.tuple(shapes(), int(0, 9)).map(
      ([dims, slope]) =>
        () =>
          single('LeakyRelu', [dims], slope === 0 ? {} : { alpha: { float: slope / 16 } }),
    ),
    float64: false,
  },
  Gelu: {
    cases: fc.tuple(shapes(), fc.constantFrom('none', 'tanh')).map(
      ([dims, approximate]) =>
        () =>
          single('Gelu', [dims], { approximate }, { opset: 20 }),
    ),
    float64: false,
  },
  Clip: {
    cases: fc.tuple(shapes(), fc.boolean(), fc.boolean()).map(
      ([dims, low, high]) =>
        (kind) =>
          single(
            'Clip',
            [dims],
            {},
            {
              constants: [numbers('low', [], [-0.7], kind), numbers('high', [], [1.1], kind)],
              constantInputs: [low ? 'low' : '', high ? 'high' : ''],
            },
          ),
    ),
    float64: true,
  },
  Pow: {
    cases: fc.tuple(shapes(), fc.constantFrom(2, 3, 0.5, -1.5)).map(
      ([dims, exponent]) =>
        (kind) =>
          single('Pow', [dims], {}, { ...positive, constants: [numbers('e', [], [exponent], kind)], constantInputs: ['e'] }),
    ),
    float64: true,
  },
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div', positive),
  Sum: {
    cases: fc.tuple(pairs, int(0, 1)).map(
      ([[left, right], more]) =>
        () =>
          single('Sum', [left, right, ...(more ? [left] : [])]),
    ),
    float64: true,
  },
  Where: {
    cases: fc.tuple(pairs, int(1, 5)).map(([[left, right], every]) => () => ({
      nodes: [node('Where', ['is', 'x', 'w'], ['y'])],
      inputs: { x: left, w: right },
      outputs: ['y'],
      constants: [truths('is', left, every)],
    })),
    float64: true,
  },
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
};

function truths(name: string, dims: readonly number[], every: number): TensorProto {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const rawData = Buffer.from(Uint8Array.from({ length: count }, (_, index) => (index % every === 0 ? 1 : 0)));
  return TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType: 9, rawData });
}
