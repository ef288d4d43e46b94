/**
 * A model as it is to be trained: what it takes, how many classes it tells apart, and in which stages.
 *
 *     classifier       ─▶ classify: cross-entropy of its scores
 *     auto-encoder     ─▶ reconstruct: squared error of `reconstruction`, and sparsity of a code of sigmoids ─▶ classify: cross-entropy of `logits`
 */
import { existsSync } from 'node:fs';
import { MeshError } from '../../mesh/error.ts';
import { elementCount, formatSpec, type TensorSpec } from '../../mesh/tensor.ts';
import type { Goal } from '../../mesh/training/workload.ts';
import type { Loss } from '../../partition/gradient/losses.ts';
import { buildGraph, type ModelGraph } from '../../partition/graph.ts';
import { listLayers } from '../../partition/layers.ts';
import { isModelPath, unknownModel } from '../../partition/load.ts';
import type { Model } from '../../partition/model.ts';
import { readModelFile } from '../../partition/read-model.ts';
import { modelEnds } from '../../partition/split.ts';
import { findZooModel, ZOO_SEED } from '../../partition/zoo/catalogue.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';

export interface ModelToTrain {
  readonly name: string;
  readonly model: Model;
  /** One example. */
  readonly input: TensorSpec;
  /** Samples of an example. */
  readonly window: number;
  readonly stages: readonly StageToTrain[];
}

export interface StageToTrain {
  readonly name: string;
  readonly goal: Goal;
  readonly losses: readonly Loss[];
  readonly output: string;
  readonly epochs: number;
}

/** What auto-encoders of ours call their ends, and a code that is to be sparse. */
const RECONSTRUCTION = 'reconstruction';
const LOGITS = 'logits';
const SPARSE_CODE = 'code.sigmoid.out';
/** Beside the error of the reconstruction, which is what is wanted. */
const SPARSITY_WEIGHT = 0.01;

/**
 * From the zoo with weights of the seed's and as many classes as there are, or from a file as it is. Errors: `not-found`, those of reading it, `unsupported`
 * for a model that is no classifier of one input, `invalid` when it tells too few classes apart.
 */
export function modelToTrain(
  { model: named, seed, epochs, middleEpochs, sparsity }: ModelChoice,
  classes: readonly string[],
): ModelToTrain {
  const entry = isModelPath(named) ? undefined : findZooModel(named);
  if (entry === undefined && !isModelPath(named) && !existsSync(named)) throw unknownModel(named);
  const model = entry === undefined ? { ...readModelFile(named), name: named } : entry.build(ZOO_SEED + seed, classes.length);
  const graph = buildGraph(model);
  const { inputs, outputs } = modelEnds(listLayers(graph));
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || input.dtype !== 'float32')
    throw refused(model, `its inputs are ${inputs.map(formatSpec).join(', ')}: expected one of float32`);
  const isAutoEncoder = [RECONSTRUCTION, LOGITS].every((name) => outputs.some((output) => output.name === name));
  const scores = isAutoEncoder ? outputs.find(({ name }) => name === LOGITS)! : outputs[0];
  if (scores === undefined || scores.dims.length !== 2 || (!isAutoEncoder && outputs.length > 1))
    throw refused(model, `its outputs are ${outputs.map(formatSpec).join(', ')}: expected the scores of classes, [batch, classes]`);
  if (scores.dims[1]! < classes.length)
    throw new MeshError('invalid', `${model.name} tells ${scores.dims[1]} classes apart, the data set has ${classes.length}`, {
      hint: 'the vibration models of the zoo (mlp1d, cnn1d, …) have as many classes as the data set',
    });
  const classify: StageToTrain = {
    ...{ name: 'classify', goal: 'classify', output: scores.name, epochs },
    losses: [{ kind: 'cross-entropy', scores: scores.name }],
  };
  return {
    ...{ name: entry?.name ?? named, model, input, window: elementCount(input.dims.slice(1)) },
    stages: isAutoEncoder && middleEpochs > 0 ? [reconstruct(graph, input.name, middleEpochs, sparsity), classify] : [classify],
  };
}

type ModelChoice = Pick<TrainingSpec, 'model' | 'seed' | 'epochs' | 'middleEpochs' | 'sparsity'>;

function reconstruct(graph: ModelGraph, input: string, epochs: number, sparsity: number): StageToTrain {
  const error: Loss = { kind: 'squared-error', output: RECONSTRUCTION, target: input };
  const sparse: Loss = { kind: 'sparsity', activations: SPARSE_CODE, mean: sparsity, weight: SPARSITY_WEIGHT };
  return {
    ...{ name: 'reconstruct', goal: 'reconstruct', output: RECONSTRUCTION, epochs },
    losses: graph.producers.has(SPARSE_CODE) ? [error, sparse] : [error],
  };
}

function refused(model: Model, why: string): MeshError {
  return new MeshError('unsupported', `${model.name} can't be trained as a classifier: ${why}`);
}
