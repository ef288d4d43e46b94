/**
 * Activations, element by element but for the Softmax. Where the derivative follows from the output (y = tanh x: 1 − y²), the output is used:
 * it is there already.
 *
 * At a kink the derivative is that of the flat side: 0 for Relu at 0.
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { floatAttribute, intAttribute, stringAttribute } from '../../attribute.ts';
import { add, isMore, map, multiply, plus, reduceSum, scale, square, subtract, truth } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';

function activated(derivative: (site: GradientSite) => Value): GradientRule {
  return (site) => [multiply(site.w, site.gradient, derivative(site))];
}

/** 1 − a. */
function complement(w: GraphWriter, a: Value): Value {
  return subtract(w, w.numbers(1, a), a);
}

const leaky: GradientRule = activated((site) => {
  const { w } = site;
  const slope = floatAttribute(site.node.proto, 'alpha') ?? 0.01;
  const x = site.input(0);
  return plus(w, scale(w, isMore(w, x, w.numbers(0, x)), 1 - slope), slope);
});

/** 2/√π · e^(−x²). */
function erfSlope(w: GraphWriter, x: Value): Value {
  return scale(w, map(w, 'Exp', map(w, 'Neg', square(w, x))), 2 / Math.sqrt(Math.PI));
}

/** Hendrycks, Gimpel, "Gaussian Error Linear Units (GELUs)", 2016: x·Φ(x), exactly or with tanh. */
const gelu: GradientRule = activated((site) => {
  const { w } = site;
  const x = site.input(0);
  if (stringAttribute(site.node.proto, 'approximate', 'none') === 'none') {
    const scaled = scale(w, x, Math.SQRT1_2);
    const distribution = scale(w, plus(w, map(w, 'Erf', scaled), 1), 0.5);
    return add(w, distribution, multiply(w, x, scale(w, erfSlope(w, scaled), Math.SQRT1_2 / 2)));
  }
  const [factor, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const inner = multiply(w, x, plus(w, scale(w, square(w, x), factor * cubic), factor));
  const t = map(w, 'Tanh', inner);
  const slope = plus(w, scale(w, square(w, x), 3 * factor * cubic), factor);
  const curved = multiply(w, multiply(w, x, slope), complement(w, square(w, t)));
  return scale(w, plus(w, add(w, t, curved), 1), 0.5);
});

const clip: GradientRule = activated((site) => {
  const { w } = site;
  const x = site.input(0);
  const limits = [1, 2].map((position) => {
    if (!site.has(position)) return undefined;
    if (site.wants(position)) throw site.unsupported('its limits are no constants');
    return truth(w, position === 1 ? 'Greater' : 'Less', x, site.input(position), x.dtype);
  });
  const [above, below] = limits;
  if (above === undefined || below === undefined) return above ?? below ?? w.numbers(1, x);
  return multiply(w, above, below);
});

/** Axis of a Softmax, from the front. */
function axisOf(site: GradientSite): number {
  const rank = site.output().dims.length;
  const axis = intAttribute(site.node.proto, 'axis', -1);
  return axis < 0 ? axis + rank : axis;
}

const softmax: GradientRule = (site) => {
  const { w } = site;
  const [y, gradient] = [site.output(), site.gradient];
  const mean = reduceSum(w, multiply(w, gradient, y), [axisOf(site)]);
  return [multiply(w, y, subtract(w, gradient, mean))];
};

const logSoftmax: GradientRule = (site) => {
  const { w } = site;
  const [y, gradient] = [site.output(), site.gradient];
  return [subtract(w, gradient, multiply(w, map(w, 'Exp', y), reduceSum(w, gradient, [axisOf(site)])))];
};

/** A Dropout that is not rewritten for training does nothing. */
const dropout: GradientRule = (site) => {
  if (site.has(2) && elementCount(site.input(2).dims) === 1 && site.numbers(2)?.[0] !== 0)
    throw site.unsupported('it is in training mode, with a mask nobody knows');
  return [site.gradient];
};

export const activation: GradientRules = {
  Relu: activated((site) => isMore(site.w, site.output(), site.w.numbers(0, site.output()))),
  LeakyRelu: leaky,
  Sigmoid: activated((site) => multiply(site.w, site.output(), complement(site.w, site.output()))),
  Tanh: activated((site) => complement(site.w, square(site.w, site.output()))),
  Erf: activated((site) => erfSlope(site.w, site.input(0))),
  Gelu: gelu,
  Clip: clip,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  Dropout: dropout,
};
