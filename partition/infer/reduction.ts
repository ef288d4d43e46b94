/**
 * Operators that make an axis smaller by computing over it, and normalizations, which keep the shape but may report statistics.
 */
import { intAttribute, intsAttribute } from '../attribute.ts';
import { axisOf, type Fact, fact, INT64, knownValues, type Rule, type Rules } from './fact.ts';
import { listArgument } from './reshaping.ts';

const reduce: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const keep = intAttribute(site.node, 'keepdims', 1) === 1;
  const named = intsAttribute(site.node, 'axes') !== undefined || site.has(1);
  const given = listArgument(site, 'axes', 1);
  if (dims === undefined || (named && given === undefined)) return [fact(dtype, undefined)];
  const all = given === undefined || given.length === 0;
  if (all && intAttribute(site.node, 'noop_with_empty_axes', 0) === 1) return [fact(dtype, dims)];
  const axes = new Set(all ? dims.map((_, axis) => axis) : given.map((axis) => axisOf(axis, dims.length)));
  return [fact(dtype, keep ? dims.map((dim, axis) => (axes.has(axis) ? 1 : dim)) : dims.filter((_, axis) => !axes.has(axis)))];
};

/** Shape arithmetic multiplies the elements of a shape with ReduceProd. */
const reduceProduct: Rule = (site) => {
  const [reduced] = reduce(site);
  const values = knownValues(site.input(0));
  const whole = site.input(0).dims?.length === 1 && values !== undefined;
  return [whole ? { ...reduced!, values: [values.reduce((product, value) => product * value, 1)] } : reduced!];
};

const arg: Rule = (site) => {
  const { dims } = site.input(0);
  const axis = dims === undefined ? undefined : axisOf(intAttribute(site.node, 'axis', 0), dims.length);
  if (dims === undefined || axis === undefined) return [fact(INT64, undefined)];
  const keep = intAttribute(site.node, 'keepdims', 1) === 1;
  return [fact(INT64, keep ? dims.map((dim, each) => (each === axis ? 1 : dim)) : dims.filter((_, each) => each !== axis))];
};

const topK: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const count = intAttribute(site.node, 'k') ?? knownValues(site.input(1))?.[0] ?? -1;
  const axis = dims === undefined ? undefined : axisOf(intAttribute(site.node, 'axis', -1), dims.length);
  const out = axis === undefined ? undefined : dims!.map((dim, each) => (each === axis ? count : dim));
  return [fact(dtype, out), fact(INT64, out)];
};

const layerNormalization: Rule = (site) => {
  const { dtype, dims } = site.input(0);
  const axis = dims === undefined ? undefined : axisOf(intAttribute(site.node, 'axis', -1), dims.length);
  const statistics: Fact = fact(
    intAttribute(site.node, 'stash_type', 1),
    axis === undefined ? undefined : dims!.map((dim, each) => (each < axis ? dim : 1)),
  );
  return [fact(dtype, dims), statistics, statistics];
};

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Sum', 'SumSquare'];

export const reduction: Rules = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduce])),
  ReduceProd: reduceProduct,
  ArgMax: arg,
  ArgMin: arg,
  TopK: topK,
  LayerNormalization: layerNormalization,
};
