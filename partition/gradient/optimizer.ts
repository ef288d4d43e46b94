/**
 * Appends the step that makes parameters better, from a graph that has their gradients. Parameters and what the optimizer remembers of each are
 * inputs; what they are afterwards are outputs. The learning rate is an input, so that a schedule needs no new graph.
 *
 *     w, velocity/w, learning-rate ─┬─▶ new/w
 *     grad/w ───────────────────────┴─▶ new/velocity/w
 */
import type { TensorSpec } from '../../mesh/tensor.ts';
import { LEARNING_RATE, STEP, stateName, updatedName } from '../../mesh/training-tensors.ts';
import type { ModelGraph } from '../graph.ts';
import type { Model } from '../model.ts';
import { add, cast, divide, map, multiply, scale, square, subtract } from './arithmetic.ts';
import { gradientName } from './gradient.ts';
import { GraphWriter, type Value } from './graph-writer.ts';

export type Optimizer =
  | {
      readonly kind: 'sgd';
      /** Of the velocity, how much stays: v′ = momentum · v + g, w′ = w − rate · v′. Default 0: no velocity is kept. */
      readonly momentum?: number;
      /** Added to the gradient: g + decay · w. Default 0. */
      readonly weightDecay?: number;
    }
  | {
      /** Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1. */
      readonly kind: 'adam';
      /** Default 0.9 and 0.999. */
      readonly beta1?: number;
      readonly beta2?: number;
      /** Default 1e-8. */
      readonly epsilon?: number;
      /** Added to the gradient: g + decay · w. Default 0. */
      readonly weightDecay?: number;
    };

export interface Optimized {
  readonly model: Model;
  /** Inputs that the optimizer remembers from step to step. All are zeros before the first step. */
  readonly states: readonly TensorSpec[];
}

/**
 * `graph` has an output `grad/<parameter>` for each parameter, as `gradient` makes them; these are no outputs any more. Parameters that were
 * initializers become inputs. Each parameter and each state has an output `new/<name>`.
 */
export function withOptimizer(graph: ModelGraph, parameters: readonly string[], optimizer: Optimizer): Optimized {
  const w = new GraphWriter(graph, 'step');
  const gradients = new Set(parameters.map(gradientName));
  w.keepOutputs(new Set(graph.outputs.filter((name) => !gradients.has(name))));
  const states: TensorSpec[] = [];
  const keep = (name: string, { dims, dtype }: Value): Value => {
    states.push({ name, dtype: dtype === FLOAT64 ? 'float64' : 'float32', dims });
    return w.input(name, dims, dtype);
  };
  const give = (of: string, value: Value) => w.output(w.named(updatedName(of), value));
  const dtype = w.value(parameters[0]!).dtype;
  const rate = w.input(LEARNING_RATE, [], dtype);
  const change =
    optimizer.kind === 'sgd' ? sgd(w, optimizer, rate, keep, give) : adam(w, optimizer, rate, w.input(STEP, [], dtype), keep, give);
  for (const name of parameters) {
    const parameter = w.lift(name);
    const found = w.value(gradientName(name));
    const decay = optimizer.weightDecay ?? 0;
    const slope = decay === 0 ? found : add(w, found, scale(w, parameter, decay));
    give(name, subtract(w, parameter, change(parameter, slope)));
  }
  return { model: w.finish(), states };
}

const FLOAT64 = 11;

/** Of a parameter and its slope: what is subtracted. */
type Change = (parameter: Value, slope: Value) => Value;
type Keep = (name: string, like: Value) => Value;
type Give = (of: string, value: Value) => void;

function sgd(w: GraphWriter, { momentum = 0 }: Extract<Optimizer, { kind: 'sgd' }>, rate: Value, keep: Keep, give: Give): Change {
  return (parameter, slope) => {
    if (momentum === 0) return multiply(w, rate, slope);
    const old = keep(stateName('velocity', parameter.name), parameter);
    const velocity = add(w, scale(w, old, momentum), slope);
    give(old.name, velocity);
    return multiply(w, rate, velocity);
  };
}

/**
 * The means are kept as sums that fade, mean = (1 − β) · sum; with what they lack because they start at 0 that makes two numbers for all
 * parameters. It is the step of the paper, and touches each parameter a third less often:
 *
 *     M′ = β₁ · M + g       V′ = β₂ · V + g²       w′ = w − pace · M′ / (√V′ + margin)
 *     wide = √((1 − β₂ᵗ) / (1 − β₂))       margin = ε · wide       pace = rate · wide · (1 − β₁) / (1 − β₁ᵗ)
 */
function adam(w: GraphWriter, options: Extract<Optimizer, { kind: 'adam' }>, rate: Value, step: Value, keep: Keep, give: Give): Change {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  // In float32 1 − β₂ is off by 1e-5 of itself, and with it each of the first steps.
  const number = cast(w, step, FLOAT64);
  const lack = (beta: number) => subtract(w, w.numbers(1, number), w.node('Pow', [w.numbers(beta, number), number], []));
  const wide = map(w, 'Sqrt', scale(w, lack(beta2), 1 / (1 - beta2)));
  const margin = cast(w, scale(w, wide, epsilon), step.dtype);
  const pace = cast(w, divide(w, multiply(w, scale(w, cast(w, rate, FLOAT64), 1 - beta1), wide), lack(beta1)), step.dtype);
  const follow = (kind: 'mean' | 'square', parameter: Value, seen: Value, beta: number) => {
    const old = keep(stateName(kind, parameter.name), parameter);
    const sum = add(w, scale(w, old, beta), seen);
    give(old.name, sum);
    return sum;
  };
  return (parameter, slope) => {
    const sum = follow('mean', parameter, slope, beta1);
    const squares = follow('square', parameter, square(w, slope), beta2);
    return multiply(w, pace, divide(w, sum, add(w, map(w, 'Sqrt', squares), margin)));
  };
}
