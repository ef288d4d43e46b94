/**
 * Operators that work element by element: the shape of the input, or what the inputs broadcast to. On small integer tensors they also
 * compute, because exporters write shape arithmetic with them.
 */
import { intAttribute } from '../attribute.ts';
import { BOOL, broadcast, type Fact, fact, type Rule, type Rules, type Site } from './fact.ts';

/** Output like the first input. */
export const same: Rule = (site) => [fact(site.input(0).dtype, site.input(0).dims)];

const identity: Rule = (site) => [site.input(0)];

function inputs(site: Site): Fact[] {
  return Array.from({ length: site.inputCount }, (_, index) => site.input(index));
}

function joined(site: Site): Fact {
  const all = inputs(site);
  return fact(all.find((each) => each.dtype !== 0)?.dtype ?? 0, broadcast(all.map((each) => each.dims)));
}

type Combine = (a: number, b: number) => number;

/** The element of a value list that stands at `index` after broadcasting; lists are scalars or of equal length. */
function at(values: readonly (number | null)[], index: number): number | null {
  return (values.length === 1 ? values[0] : values[index]) ?? null;
}

function combined(site: Site, combine: Combine): readonly (number | null)[] | undefined {
  const [a, b] = [site.input(0).values, site.input(1).values];
  if (a === undefined || b === undefined || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  return Array.from({ length: a.length === 1 ? b.length : a.length }, (_, index) => {
    const [left, right] = [at(a, index), at(b, index)];
    const value = left === null || right === null ? Number.NaN : combine(left, right);
    return Number.isFinite(value) ? value : null;
  });
}

function arithmetic(combine?: Combine): Rule {
  return (site) => {
    const { dtype, dims } = joined(site);
    const values = combine === undefined || site.inputCount !== 2 ? undefined : combined(site, combine);
    return [fact(dtype, dims, values)];
  };
}

function comparison(combine: Combine): Rule {
  return (site) => [fact(BOOL, broadcast([site.input(0).dims, site.input(1).dims]), combined(site, combine))];
}

const divide: Rule = (site) => {
  const whole = site.input(0).dtype !== 1 && site.input(0).dtype !== 10 && site.input(0).dtype !== 11;
  return arithmetic((a, b) => (whole ? Math.trunc(a / b) : a / b))(site);
};

const where: Rule = (site) => {
  const [test, a, b] = [site.input(0), site.input(1), site.input(2)];
  const length = Math.max(...[test, a, b].map((each) => each.values?.length ?? 0));
  const fits = [test, a, b].every((each) => each.values?.length === 1 || each.values?.length === length);
  const values = fits
    ? Array.from({ length }, (_, index) => {
        const chosen = at(test.values!, index);
        return chosen === null ? null : at((chosen ? a : b).values!, index);
      })
    : undefined;
  return [fact(a.dtype || b.dtype, broadcast([test.dims, a.dims, b.dims]), values)];
};

const cast: Rule = (site) => {
  const to = intAttribute(site.node, 'to', 0);
  const whole = [2, 3, 4, 5, 6, 7, 12, 13].includes(to);
  const values = to === BOOL ? undefined : site.input(0).values?.map((value) => (value !== null && whole ? Math.trunc(value) : value));
  return [fact(to, site.input(0).dims, values)];
};

const flag: Rule = (site) => [fact(BOOL, site.input(0).dims)];

const unary = [
  ...[
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'BitwiseNot',
    'Ceil',
    'Celu',
    'Clip',
    'Cos',
    'Cosh',
    'CumSum',
    'Elu',
    'Erf',
  ],
  ...['Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish', 'Hardmax', 'LRN', 'LeakyRelu', 'Log', 'LogSoftmax', 'LpNormalization', 'Mish'],
  ...['MeanVarianceNormalization', 'Neg', 'PRelu', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Shrink', 'Sigmoid', 'Sign', 'Sin', 'Sinh'],
  ...['Softmax', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh', 'ThresholdedRelu', 'InstanceNormalization', 'GroupNormalization'],
  ...['ReverseSequence', 'Trilu', 'RandomNormalLike', 'RandomUniformLike', 'Bernoulli', 'Scatter', 'ScatterElements', 'ScatterND'],
];

const truth = (value: boolean): number => (value ? 1 : 0);

export const elementwise: Rules = {
  ...Object.fromEntries(unary.map((name) => [name, same])),
  Identity: identity,
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Mul: arithmetic((a, b) => a * b),
  Div: divide,
  Mod: arithmetic((a, b) => (b === 0 ? Number.NaN : a - b * Math.floor(a / b))),
  Min: arithmetic(Math.min),
  Max: arithmetic(Math.max),
  Pow: (site) => [fact(site.input(0).dtype, broadcast([site.input(0).dims, site.input(1).dims]))],
  Mean: arithmetic(),
  Sum: arithmetic(),
  BitShift: arithmetic(),
  BitwiseAnd: arithmetic(),
  BitwiseOr: arithmetic(),
  BitwiseXor: arithmetic(),
  And: comparison((a, b) => truth(a !== 0 && b !== 0)),
  Or: comparison((a, b) => truth(a !== 0 || b !== 0)),
  Xor: comparison((a, b) => truth((a !== 0) !== (b !== 0))),
  Not: flag,
  IsInf: flag,
  IsNaN: flag,
  Equal: comparison((a, b) => truth(a === b)),
  Greater: comparison((a, b) => truth(a > b)),
  GreaterOrEqual: comparison((a, b) => truth(a >= b)),
  Less: comparison((a, b) => truth(a < b)),
  LessOrEqual: comparison((a, b) => truth(a <= b)),
  Where: where,
  Cast: cast,
  CastLike: (site) => [fact(site.input(1).dtype, site.input(0).dims)],
  Dropout: (site) => [fact(site.input(0).dtype, site.input(0).dims), fact(BOOL, site.input(0).dims)],
  BatchNormalization: same,
};
