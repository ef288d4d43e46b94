/**
 * The gradient of an LSTM, through time: Hochreiter, Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; Werbos,
 * "Backpropagation Through Time", Proceedings of the IEEE 78, 1990; gates in ONNX's order.
 *
 *     i, o, f = σ(…), g = tanh(…) of x·Wᵀ + h·Rᵀ + b;      c′ = f · c + i · g;      h′ = o · tanh c′
 *
 *     the operator runs as it is ─▶ h of all steps ─▶ gates of all steps in one product ─▶ c, step by step ─▶ slopes of all steps
 *     ∂gates: from the last step to the first, one small product each ─▶ ∂W, ∂R, ∂b, ∂x in one product over all steps
 *
 * Both directions go through these steps side by side: everything is in the order in which a direction computes, the second one's time runs back.
 */
import { floatAttribute, hasAttribute, intAttribute, stringAttribute } from '../../attribute.ts';
import { int } from '../../zoo/attributes.ts';
import { add, concat, expand, map, multiply, reduceSum, reshape, reversed, slice, split, square, subtract, sum } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientRules, GradientSite } from '../rule.ts';

/** Positions of the operator's inputs. */
const [X, W, R, B, HIDDEN, CELL] = [0, 1, 2, 3, 5, 6] as const;

interface Sizes {
  readonly steps: number;
  readonly directions: number;
  readonly batch: number;
  readonly hidden: number;
}

/** What is known of each step after the forward pass: lists by step, of [directions, batch, …]. */
interface Slopes {
  /** Of the cell, or for o of the hidden state, to the gates: [directions, batch, 4 · hidden]. */
  readonly gates: readonly Value[];
  /** Of the hidden state to the cell. */
  readonly cell: readonly Value[];
  /** Of the cell to the cell before. */
  readonly forget: readonly Value[];
}

function lstm(site: GradientSite): readonly (Value | undefined)[] {
  refuseVariants(site);
  const { w } = site;
  const [steps, batch] = site.input(X).dims as [number, number];
  const [directions, , hidden] = site.input(R).dims as [number, number, number];
  const sizes = { steps, directions, batch, hidden };
  const reverse = Array.from({ length: directions }, (_, index) => index === 1 || isReverse(site));
  const rows = (x: Value) => reshape(w, x, [steps * batch, x.dims.at(-1)!]);
  const inputs = reverse.map((back) => rows(back ? reversed(w, site.input(X), [0]) : site.input(X)));
  const before = beforeEach(site, sizes, reverse);
  const slopes = slopesOf(site, sizes, inputs, before.map(rows));
  const back = backwards(site, sizes, slopes, inOrder(w, gradientOf(site, 0, [steps, directions, batch, hidden]), reverse));

  // [steps · directions, batch, 4 · hidden] as [steps · batch, 4 · hidden] of each direction.
  const all = reshape(w, concat(w, back.gates, 0), [steps, directions, batch, 4 * hidden]);
  const gates = split(w, all, 1, new Array<number>(directions).fill(1)).map(rows);
  const joined = (of: (gates: Value, index: number) => Value) =>
    concat(
      w,
      gates.map((each, index) => of(each, index)).map((each) => reshape(w, each, [1, ...each.dims])),
      0,
    );
  const weighted = (each: Value, seen: Value) => w.node('Gemm', [each, seen], [4 * hidden, seen.dims[1]!], [int('transA', 1)]);
  const toInput = (each: Value, index: number) => {
    const features = site.input(W).dims[2]!;
    const weight = reshape(w, slice(w, site.input(W), 0, index, index + 1), [4 * hidden, features]);
    const made = reshape(w, w.node('Gemm', [each, weight], [steps * batch, features]), site.input(X).dims);
    return reverse[index] ? reversed(w, made, [0]) : made;
  };
  const bias = (each: Value) => {
    const total = reshape(w, reduceSum(w, each, [0]), [4 * hidden]);
    return concat(w, [total, total], 0);
  };
  const made: (Value | undefined)[] = [];
  made[X] = site.wants(X) ? sum(w, gates.map(toInput)) : undefined;
  made[W] = site.wants(W) ? joined((each, index) => weighted(each, inputs[index]!)) : undefined;
  made[R] = site.wants(R) ? joined((each, index) => weighted(each, rows(before[index]!))) : undefined;
  made[B] = site.wants(B) ? joined(bias) : undefined;
  made[HIDDEN] = site.wants(HIDDEN) ? recurred(site, back.gates[0]!) : undefined;
  made[CELL] = site.wants(CELL) ? back.cell : undefined;
  return Array.from({ length: site.inputCount }, (_, position) => made[position]);
}

/** [steps, directions, batch, hidden] in the order in which each direction computes. */
function inOrder(w: GraphWriter, x: Value, reverse: readonly boolean[]): Value {
  const each = split(
    w,
    x,
    1,
    reverse.map(() => 1),
  );
  return concat(
    w,
    each.map((one, index) => (reverse[index] ? reversed(w, one, [0]) : one)),
    1,
  );
}

/** Of each direction the hidden states that its steps begin with, [steps, batch, hidden]. */
function beforeEach(site: GradientSite, { steps, directions, batch, hidden }: Sizes, reverse: readonly boolean[]): readonly Value[] {
  const { w } = site;
  const states: Value = { name: w.outputOf(site.node.proto, 0), dims: [steps, directions, batch, hidden], dtype: site.input(X).dtype };
  const ordered = split(
    w,
    inOrder(w, states, reverse),
    1,
    reverse.map(() => 1),
  );
  const first = split(
    w,
    initial(site, HIDDEN),
    0,
    reverse.map(() => 1),
  );
  return ordered.map((each, index) => concat(w, [first[index]!, slice(w, reshape(w, each, [steps, batch, hidden]), 0, 0, steps - 1)], 0));
}

function slopesOf(
  site: GradientSite,
  { steps, directions, batch, hidden }: Sizes,
  inputs: readonly Value[],
  before: readonly Value[],
): Slopes {
  const { w } = site;
  const wide = [steps * batch, 4 * hidden];
  const of = (position: number, index: number) => {
    const whole = site.input(position);
    return reshape(w, slice(w, whole, 0, index, index + 1), whole.dims.slice(1));
  };
  const sums = inputs.map((input, index) => {
    const bias = site.has(B) ? [sum(w, split(w, of(B, index), 0, [4 * hidden, 4 * hidden]))] : [];
    const ofInput = w.node('Gemm', [input, of(W, index), ...bias], wide, [int('transB', 1)]);
    const all = w.node('Gemm', [before[index]!, of(R, index), ofInput], wide, [int('transB', 1)]);
    return reshape(w, all, [steps, 1, batch, 4 * hidden]);
  });
  const all = reshape(w, concat(w, sums, 1), [steps * directions, batch, 4 * hidden]);
  const byStep = (x: Value) => split(w, x, 0, new Array<number>(steps).fill(directions));
  const [sigmoids, candidates] = split(w, all, 2, [3 * hidden, hidden]) as [Value, Value];
  const [s, g] = [map(w, 'Sigmoid', sigmoids), map(w, 'Tanh', candidates)];
  const [i, o, f] = split(w, s, 2, [hidden, hidden, hidden]) as [Value, Value, Value];

  const [taken, forget] = [byStep(multiply(w, i, g)), byStep(f)];
  const cells = [initial(site, CELL)];
  for (const [step, each] of taken.entries()) cells.push(add(w, multiply(w, forget[step]!, cells[step]!), each));
  const squashed = map(w, 'Tanh', concat(w, cells.slice(1), 0));
  const factors = concat(w, [g, squashed, concat(w, cells.slice(0, -1), 0)], 2);
  const ofSigmoids = multiply(w, multiply(w, s, complement(w, s)), factors);
  const ofCandidates = multiply(w, i, complement(w, square(w, g)));
  return {
    gates: byStep(concat(w, [ofSigmoids, ofCandidates], 2)),
    cell: byStep(multiply(w, o, complement(w, square(w, squashed)))),
    forget,
  };
}

/** ∂gates of each step, and ∂cell before the first; `states`: ∂ of the hidden states, in order. */
function backwards(site: GradientSite, { steps, directions, batch, hidden }: Sizes, slopes: Slopes, states: Value) {
  const { w } = site;
  const given = split(w, reshape(w, states, [steps * directions, batch, hidden]), 0, new Array<number>(steps).fill(directions));
  const gates: Value[] = [];
  const last = [directions, batch, hidden];
  let state = add(w, given.at(-1)!, gradientOf(site, 1, last));
  let cell = gradientOf(site, 2, last);
  for (let step = steps - 1; step >= 0; step -= 1) {
    if (step < steps - 1) state = add(w, given[step]!, recurred(site, gates[step + 1]!));
    const whole = add(w, multiply(w, state, slopes.cell[step]!), cell);
    gates[step] = multiply(w, concat(w, [whole, state, whole, whole], 2), slopes.gates[step]!);
    cell = multiply(w, whole, slopes.forget[step]!);
  }
  return { gates, cell };
}

/** What the gates of a step want of the hidden state before it. */
function recurred(site: GradientSite, gates: Value): Value {
  return site.w.node('MatMul', [gates, site.input(R)], gates.dims.with(2, site.input(R).dims[2]!));
}

/** Zeros where the loss does not depend on an output. */
function gradientOf(site: GradientSite, position: number, dims: readonly number[]): Value {
  return site.gradientOf(position) ?? expand(site.w, site.w.numbers(0, site.input(X)), dims);
}

/** Zeros where no state is given to begin with. */
function initial(site: GradientSite, position: number): Value {
  const [directions, , hidden] = site.input(R).dims as [number, number, number];
  if (site.has(position)) return site.input(position);
  return expand(site.w, site.w.numbers(0, site.input(X)), [directions, site.input(X).dims[1]!, hidden]);
}

function complement(w: GraphWriter, x: Value): Value {
  return subtract(w, w.numbers(1, x), x);
}

function isReverse({ node }: GradientSite): boolean {
  return stringAttribute(node.proto, 'direction', 'forward') === 'reverse';
}

function refuseVariants(site: GradientSite): void {
  const { proto } = site.node;
  const variants: Readonly<Record<string, boolean>> = {
    'sequences of different lengths': site.has(4),
    peepholes: site.has(7),
    'activations of its own': hasAttribute(proto, 'activations'),
    clip: floatAttribute(proto, 'clip') !== undefined,
    input_forget: intAttribute(proto, 'input_forget', 0) !== 0,
    'layout 1': intAttribute(proto, 'layout', 0) !== 0,
  };
  const found = Object.keys(variants).filter((what) => variants[what]);
  if (found.length > 0) throw site.unsupported(found.join(', '));
}

export const recurrence: GradientRules = { LSTM: lstm };
