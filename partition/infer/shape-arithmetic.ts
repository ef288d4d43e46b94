/**
 * Where shapes become tensors: Shape, Size, and the operators that make tensors from numbers.
 */
import { intAttribute, tensorAttribute } from '../attribute.ts';
import { tensorValues } from '../tensor-values.ts';
import { FLOAT, fact, INT64, knownValues, product, type Rule, type Rules, sizeOf } from './fact.ts';

const shape: Rule = (site) => {
  const { dims } = site.input(0);
  if (dims === undefined) return [fact(INT64, [-1])];
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + dims.length : at, 0), dims.length);
  const part = dims.slice(clamp(intAttribute(site.node, 'start', 0)), clamp(intAttribute(site.node, 'end', dims.length)));
  return [
    fact(
      INT64,
      [part.length],
      part.map((dim) => (dim < 0 ? null : dim)),
    ),
  ];
};

const size: Rule = (site) => {
  const count = site.input(0).dims === undefined ? -1 : product(site.input(0).dims!);
  return [fact(INT64, [], [count < 0 ? null : count])];
};

const constantOfShape: Rule = (site) => {
  const fill = tensorAttribute(site.node, 'value');
  const dtype = fill?.dataType ?? FLOAT;
  const values = site.input(0).values;
  if (values === undefined) return [fact(dtype, undefined)];
  const dims = values.map((value) => (value === null ? -1 : sizeOf(value)));
  const value = fill === undefined ? 0 : tensorValues(fill)?.[0];
  const count = product(dims);
  const small = dims.length === 1 && count >= 0 && count <= 1024 && value !== undefined;
  return [fact(dtype, dims, small ? new Array<number>(count).fill(value) : undefined)];
};

const range: Rule = (site) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => knownValues(site.input(index))?.[0]);
  const dtype = site.input(0).dtype;
  if (start === undefined || limit === undefined || delta === undefined || delta === 0) return [fact(dtype, [-1])];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return [fact(dtype, [sizeOf(count)], count <= 1024 ? Array.from({ length: count }, (_, index) => start + index * delta) : undefined)];
};

/** RandomNormal, RandomUniform and their like take their shape from an attribute. */
const randomLike: Rule = (site) => [
  fact(intAttribute(site.node, 'dtype', FLOAT), site.node.attribute.find((each) => each.name === 'shape')?.ints.map(Number)),
];

export const shapeArithmetic: Rules = {
  Shape: shape,
  Size: size,
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: (site) => [fact(intAttribute(site.node, 'dtype', site.input(0).dtype), site.input(0).dims)],
  RandomNormal: randomLike,
  RandomUniform: randomLike,
  Multinomial: (site) => [
    fact(intAttribute(site.node, 'dtype', 6), [site.input(0).dims?.[0] ?? -1, intAttribute(site.node, 'sample_size', 1)]),
  ],
};
