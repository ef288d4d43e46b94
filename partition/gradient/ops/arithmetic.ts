/**
 * Arithmetic element by element. Where an operand was broadcast, its gradient is the sum over the copies.
 *
 *     a [4, 3] · b [3]      ∂a = ∂ · b      ∂b = Σ over the first axis of ∂ · a
 */
import { divide, map, multiply, scale, square, sumTo } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';

/** `sides`: for each operand its gradient before it is summed over the copies. */
function broadcasting(...sides: readonly ((site: GradientSite) => Value)[]): GradientRule {
  return (site) => sides.map((side, position) => (site.wants(position) ? sumTo(site.w, side(site), site.input(position).dims) : undefined));
}

/** An operator of one operand: its derivative times what comes from behind. */
function unary(derivative: (site: GradientSite) => Value): GradientRule {
  return (site) => [multiply(site.w, site.gradient, derivative(site))];
}

const through = (site: GradientSite): Value => site.gradient;

const power: GradientRule = (site) => {
  const { w } = site;
  const exponent = site.numbers(1);
  if (exponent?.length !== 1 || site.wants(1)) throw site.unsupported('its exponent is not one constant number');
  const x = site.input(0);
  const lower = w.node('Pow', [x, w.numbers(exponent[0]! - 1, x)], x.dims);
  return [sumTo(w, multiply(w, site.gradient, scale(w, lower, exponent[0]!)), x.dims)];
};

const where: GradientRule = (site) => {
  const { w } = site;
  const [condition, gradient] = [site.input(0), site.gradient];
  const zero = w.numbers(0, gradient);
  const chosen = (position: number, operands: readonly Value[]) =>
    site.wants(position)
      ? sumTo(w, w.node('Where', [condition, ...operands], gradient.dims, [], gradient.dtype), site.input(position).dims)
      : undefined;
  return [undefined, chosen(1, [gradient, zero]), chosen(2, [zero, gradient])];
};

export const arithmetic: GradientRules = {
  Identity: (site) => [site.gradient],
  Add: broadcasting(through, through),
  Sub: broadcasting(through, (site) => map(site.w, 'Neg', site.gradient)),
  Mul: broadcasting(
    (site) => multiply(site.w, site.gradient, site.input(1)),
    (site) => multiply(site.w, site.gradient, site.input(0)),
  ),
  Div: broadcasting(
    (site) => divide(site.w, site.gradient, site.input(1)),
    // −∂ · (a / b) / b, and a / b is there already.
    (site) => map(site.w, 'Neg', divide(site.w, multiply(site.w, site.gradient, site.output()), site.input(1))),
  ),
  Sum: (site) =>
    site.node.proto.input.map((_, position) =>
      site.wants(position) ? sumTo(site.w, site.gradient, site.input(position).dims) : undefined,
    ),
  Pow: power,
  Where: where,
  Neg: (site) => [map(site.w, 'Neg', site.gradient)],
  Abs: unary((site) => map(site.w, 'Sign', site.input(0))),
  Exp: unary((site) => site.output()),
  Log: (site) => [divide(site.w, site.gradient, site.input(0))],
  Sqrt: (site) => [divide(site.w, scale(site.w, site.gradient, 0.5), site.output())],
  Reciprocal: unary((site) => map(site.w, 'Neg', square(site.w, site.output()))),
};
