/**
 * One step of training as one graph, from a model as it is run.
 *
 *     model ─▶ withBatch ─▶ withLosses ─▶ trainingMode ─▶ gradient ─▶ withOptimizer ─▶ step
 *
 *     batch, labels ──────────────────▶ ┌──────┐ ─▶ loss, correct
 *     parameters, statistics, states ─▶ │ step │ ─▶ new/<each of them>
 *     learning rate, step, seed ──────▶ └──────┘
 *
 * Whoever runs it feeds the outputs back as the inputs of the next step. All of it are standard operators: no runtime for training is needed.
 */
import { MeshError } from '../../mesh/error.ts';
import { dtypeOfCode, type TensorSpec } from '../../mesh/tensor.ts';
import { CORRECT, LOSS, updatedName } from '../../mesh/training-tensors.ts';
import { buildGraph, type ModelGraph } from '../graph.ts';
import { type Fact, FLOAT } from '../infer/fact.ts';
import { inferFacts } from '../infer/infer.ts';
import type { Model } from '../model.ts';
import { withBatch } from './batch.ts';
import { behind, gradient } from './gradient.ts';
import { GraphWriter } from './graph-writer.ts';
import { type Loss, withLosses } from './losses.ts';
import { type Optimizer, withOptimizer } from './optimizer.ts';
import { trainingMode } from './training-mode.ts';

export interface TrainingOptions {
  /** Examples of one step. */
  readonly batch: number;
  readonly losses: readonly Loss[];
  readonly optimizer: Optimizer;
  /** Names of the initializers to train. Default: all that {@link trainableParameters} finds. */
  readonly parameters?: readonly string[];
}

export interface TrainingStep {
  readonly model: Model;
  /** What each step brings new: batch, labels or target, learning rate, and where they are needed step and seed. */
  readonly inputs: readonly TensorSpec[];
  /** Trained; before the first step as in the model. Each has an output `new/<name>`, as have statistics and states. */
  readonly parameters: readonly TensorSpec[];
  /** Running means and variances; before the first step as in the model. */
  readonly statistics: readonly TensorSpec[];
  /** What the optimizer remembers; zeros before the first step. */
  readonly states: readonly TensorSpec[];
  /** `loss`, and `correct` where there are labels. */
  readonly results: readonly TensorSpec[];
}

/** Errors: those of the passes, all before anything runs; `invalid` when nothing can be trained. */
export function trainingStep(model: Model, { batch, losses, optimizer, parameters }: TrainingOptions): TrainingStep {
  const lossy = onlyLoss(buildGraph(withLosses(buildGraph(withBatch(buildGraph(model), batch)), losses)));
  const training = trainingMode(lossy);
  const chosen = parameters ?? trainableParameters(buildGraph(model), lossy, training.statistics);
  if (chosen.length === 0) throw new MeshError('invalid', `${model.name}: no parameter has an influence on the loss`);
  const graph = buildGraph(gradient(buildGraph(training.model), LOSS, chosen));
  const optimized = withOptimizer(graph, chosen, optimizer);
  const last = new GraphWriter(buildGraph(optimized.model), 'lift');
  const { statistics } = training;
  for (const name of statistics) last.lift(name);
  const finished = last.finish();
  return { model: finished, ...described(finished, chosen, statistics, optimized.states) };
}

/** Initializers of `model` that `loss` depends on: those with axes; a single number is part of the architecture, and a statistic follows by itself. */
export function trainableParameters(model: ModelGraph, lossy: ModelGraph, statistics: readonly string[]): readonly string[] {
  const facts = inferFacts(model);
  const matters = behind(lossy, LOSS);
  const isTrainable = ({ dtype, dims }: Fact) => dtype === FLOAT && dims !== undefined && dims.length > 0;
  return [...model.initializers].filter((name) => matters.has(name) && isTrainable(facts.get(name)!) && !statistics.includes(name));
}

/** Without the outputs the model had: nothing is computed, and no running statistic followed, that the loss does not need. */
function onlyLoss(graph: ModelGraph): ModelGraph {
  const w = new GraphWriter(graph, 'alone');
  w.keepOutputs(new Set([LOSS, CORRECT]));
  return buildGraph(w.finish());
}

function described(model: Model, parameters: readonly string[], statistics: readonly string[], states: readonly TensorSpec[]) {
  const graph = buildGraph(model);
  const facts = inferFacts(graph);
  const spec = (name: string): TensorSpec => ({ name, dtype: dtypeOfCode(facts.get(name)!.dtype), dims: facts.get(name)!.dims! });
  const kept = new Set([...parameters, ...statistics, ...states.map(({ name }) => name)]);
  const updated = new Set([...kept].map(updatedName));
  return {
    inputs: graph.inputs.filter((name) => !kept.has(name)).map(spec),
    parameters: parameters.map(spec),
    statistics: statistics.map(spec),
    states,
    results: graph.outputs.filter((name) => !updated.has(name)).map(spec),
  };
}
