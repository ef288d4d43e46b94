/**
 * Compares the gradients of a whole model with central differences of its loss in float64, along a direction in which every parameter moves.
 *
 *     dₚ = ± gₚ / |gₚ|² + rₚ / |gₚ|,  rₚ random of length 1           a parameter whose gradient is right contributes gₚ · dₚ = ±1 + …
 *
 * So each parameter has its say, however small its gradient is: an error of 1 % in one of them moves the sum by 0.01. Gradients below a hundredth
 * of the largest are taken for that: a bias before a normalization has none at all, and what is computed for it is rounding.
 */

import { LABELS, LOSS } from '../../../../mesh/training-tensors.ts';
import { withBatch } from '../../../../partition/gradient/batch.ts';
import { gradient, gradientName } from '../../../../partition/gradient/gradient.ts';
import { type Loss, withLosses } from '../../../../partition/gradient/losses.ts';
import { trainingMode } from '../../../../partition/gradient/training-mode.ts';
import { trainableParameters } from '../../../../partition/gradient/training-step.ts';
import { buildGraph } from '../../../../partition/graph.ts';
import type { Model } from '../../../../partition/model.ts';
import { type Carrier, carrierOf, type Feed64 } from './carry-out.ts';
import { loss64 } from './loss64.ts';
import { normal, randomOf } from './numbers.ts';
import { computer64 } from './reference/compute64.ts';
import { filled, type Tensor64 } from './reference/tensor64.ts';

const BATCH = 4;
const CLASSES = 10;
const STEP = 1e-6;

export interface ModelErrors {
  /** Between the loss of ONNX Runtime and the reference. */
  readonly loss: number;
  /** In contributions of one parameter. */
  readonly gradient: number;
  readonly parameters: number;
}

/** `dims`: of one example. */
export async function modelErrors(carrier: Carrier, model: Model, dims: readonly number[], losses: readonly Loss[]): Promise<ModelErrors> {
  const sized = buildGraph(withBatch(buildGraph(model), BATCH));
  const lossy = buildGraph(withLosses(sized, losses));
  const { model: training, statistics } = trainingMode(lossy);
  const parameters = trainableParameters(sized, lossy, statistics);
  const run = await carrierOf(carrier, gradient(buildGraph(training), LOSS, parameters));
  const feeds = exampleBatch(sized.proto.input[0]!.name, BATCH, dims);
  const made = await run(feeds, [LOSS, ...parameters.map(gradientName)]);
  const gradients = new Map(parameters.map((name) => [name, made[gradientName(name)]!]));

  const compute = computer64(sized, true);
  const first = compute(feeds);
  const lossOf = (computed: ReadonlyMap<string, Tensor64>) => loss64(computed, losses, feeds[LABELS]!);
  const way = directionOf(gradients, 1);
  const moved = (by: number) =>
    lossOf(compute({ ...feeds, ...Object.fromEntries(parameters.map((name) => [name, added(first.get(name)!, way.get(name)!, by)])) }));
  const expected = (moved(STEP) - moved(-STEP)) / (2 * STEP);
  const found = parameters.reduce((sum, name) => sum + dot(gradients.get(name)!, way.get(name)!), 0);
  return { loss: Math.abs(made[LOSS]!.data[0]! - lossOf(first)), gradient: Math.abs(expected - found), parameters: parameters.length };
}

/** Examples of the vibration models, or pictures, and their labels. */
export function exampleBatch(input: string, batch: number, dims: readonly number[]): Readonly<Record<string, Feed64>> {
  const labels = Float64Array.from({ length: batch }, (_, index) => (index * 7 + 3) % CLASSES);
  return { [input]: normal([batch, ...dims], 5), [LABELS]: { dims: [batch], data: labels, dtype: 'int64' } };
}

function directionOf(gradients: ReadonlyMap<string, Tensor64>, seed: number): ReadonlyMap<string, Tensor64> {
  const lengths = new Map([...gradients].map(([name, each]) => [name, Math.sqrt(dot(each, each))]));
  const floor = Math.max(...lengths.values()) / 100;
  const random = randomOf(seed);
  return new Map(
    [...gradients].map(([name, each]) => {
      const length = Math.max(lengths.get(name)!, floor);
      const noise = filled(each.dims, () => random() - 0.5);
      const sideways = 1 / (Math.sqrt(dot(noise, noise)) * length);
      const sign = random() < 0.5 ? -1 : 1;
      return [name, { dims: each.dims, data: each.data.map((value, at) => (sign * value) / length ** 2 + noise.data[at]! * sideways) }];
    }),
  );
}

function dot(a: Tensor64, b: Tensor64): number {
  let sum = 0;
  for (const [index, value] of a.data.entries()) sum += value * b.data[index]!;
  return sum;
}

function added(a: Tensor64, b: Tensor64, factor: number): Tensor64 {
  return { dims: a.dims, data: a.data.map((value, index) => value + factor * b.data[index]!) };
}
