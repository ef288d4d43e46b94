/**
 * Appends the step that makes parameters better, from a graph that has their gradients. Parameters and what the optimizer remembers of each are
 * inputs; what they are afterwards are outputs. The learning rate is an input, so that a schedule needs no new graph.
 *
 *     w, velocity/w, learning-rate ─┬─▶ new/w
 *     grad/w ───────────────────────┴─▶ new/velocity/w
 */
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { ModelGraph } from '../graph.ts';
import type { Model } from '../model.ts';
import { add, divide, map, multiply, plus, scale, square, subtract } from './arithmetic.ts';
import { gradientName } from './gradient.ts';
import { GraphWriter, type Value } from './graph-writer.ts';
import { updatedName } from './training-mode.ts';

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

/** The input with the learning rate, float32, a scalar. */
export const LEARNING_RATE = 'learning-rate';
/** The input with the number of this step, from 1 on, as float32, a scalar; for Adam. */
export const STEP = 'step';

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
    states.push({ name, dtype: dtype === 11 ? 'float64' : 'float32', dims });
    return w.input(name, dims, dtype);
  };
  const give = (of: string, value: Value) => w.output(w.named(updatedName(of), value));
  const dtype = w.value(parameters[0]!).dtype;
  const rate = w.input(LEARNING_RATE, [], dtype);
  const change = optimizer.kind === 'sgd' ? sgd(w, optimizer, keep, give) : adam(w, optimizer, w.input(STEP, [], dtype), keep, give);
  for (const name of parameters) {
    const parameter = w.lift(name);
    const found = w.value(gradientName(name));
    const decay = optimizer.weightDecay ?? 0;
    const slope = decay === 0 ? found : add(w, found, scale(w, parameter, decay));
    give(name, subtract(w, parameter, multiply(w, rate, change(parameter, slope))));
  }
  return { model: w.finish(), states };
}

/** Of a parameter and its slope: what, times the learning rate, is subtracted. */
type Change = (parameter: Value, slope: Value) => Value;
type Keep = (name: string, like: Value) => Value;
type Give = (of: string, value: Value) => void;

function sgd(w: GraphWriter, { momentum = 0 }: Extract<Optimizer, { kind: 'sgd' }>, keep: Keep, give: Give): Change {
  return (parameter, slope) => {
    if (momentum === 0) return slope;
    const old = keep(`velocity/${parameter.name}`, parameter);
    const velocity = add(w, scale(w, old, momentum), slope);
    give(old.name, velocity);
    return velocity;
  };
}

function adam(w: GraphWriter, options: Extract<Optimizer, { kind: 'adam' }>, step: Value, keep: Keep, give: Give): Change {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  // Both means start at 0: what they lack in the first steps.
  const lack = (beta: number) => subtract(w, w.numbers(1, step), w.node('Pow', [w.numbers(beta, step), step], []));
  const [lack1, lack2] = [lack(beta1), lack(beta2)];
  const follow = (name: string, parameter: Value, seen: Value, beta: number) => {
    const old = keep(`${name}/${parameter.name}`, parameter);
    const mean = add(w, scale(w, old, beta), scale(w, seen, 1 - beta));
    give(old.name, mean);
    return mean;
  };
  return (parameter, slope) => {
    const mean = divide(w, follow('mean', parameter, slope, beta1), lack1);
    const spread = divide(w, follow('square', parameter, square(w, slope), beta2), lack2);
    return divide(w, mean, plus(w, map(w, 'Sqrt', spread), epsilon));
  };
}
