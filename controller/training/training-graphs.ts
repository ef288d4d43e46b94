/** The graphs that train a model, one pair for each stage, and the tensors they begin with. Nothing is read or written. */

import { MeshError } from '../../mesh/error.ts';
import type { Tensor, TensorSpec } from '../../mesh/tensor.ts';
import { dtypeOfCode } from '../../mesh/tensor.ts';
import { forward } from '../../partition/gradient/forward.ts';
import { trainingStep } from '../../partition/gradient/training-step.ts';
import { buildGraph, type ModelGraph } from '../../partition/graph.ts';
import type { Model } from '../../partition/model.ts';
import { tensorData } from '../../partition/tensor-values.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import type { ModelToTrain, StageToTrain } from './model-to-train.ts';

export interface TrainingGraphs {
  readonly stages: readonly StageGraphs[];
  /** Parameters and statistics of all stages, as they are in the model. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface StageGraphs extends StageToTrain {
  readonly step: Model;
  readonly forward: Model;
  /** Of both: [batch, …]. */
  readonly input: TensorSpec;
}

/** Errors: `unsupported` with the node that has no gradient, or is not made for a batch; all before anything runs. */
export function trainingGraphs({ model, input, stages }: ModelToTrain, { batch, optimizer }: TrainingSpec): TrainingGraphs {
  const names = new Set<string>();
  const made = stages.map((stage): StageGraphs => {
    const step = trainingStep(model, { batch, optimizer, losses: stage.losses });
    const kept = [...step.parameters, ...step.statistics].map(({ name }) => name);
    for (const name of kept) names.add(name);
    const { model: forwardModel, output } = forward(model, batch, stage.output, kept);
    return { ...stage, output, step: step.model, forward: forwardModel, input: { ...input, dims: [batch, ...input.dims.slice(1)] } };
  });
  const graph = buildGraph(model);
  return { stages: made, tensors: new Map([...names].map((name) => [name, initial(graph, name)])) };
}

function initial({ model, constants }: ModelGraph, name: string): Tensor {
  const proto = constants.get(name)!;
  const data = tensorData(proto, model.payloads.get(proto));
  if (data === undefined) throw new MeshError('unsupported', `${model.name}: the values of "${name}" can't be read`);
  // Aligned, and not a view of the whole model.
  return { dtype: dtypeOfCode(proto.dataType), dims: proto.dims.map(Number), data: new Uint8Array(data) };
}
