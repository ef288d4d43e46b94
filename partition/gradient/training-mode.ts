/**
 * Rewrites a model as it computes while it is trained: normalization with the statistics of the batch, Dropout with a mask. Names
 * stay: whoever read an output of a rewritten node reads what stands for it.
 */

import { SEED, updatedName } from '../../mesh/training-tensors.ts';
import type { ModelGraph } from '../graph.ts';
import { INT64 } from '../infer/fact.ts';
import type { Model } from '../model.ts';
import { GraphWriter, type Value } from './graph-writer.ts';
import { rewrites } from './rewrites/rewrites.ts';

export interface TrainingModel {
  readonly model: Model;
  /** Initializers that a step changes without a gradient: running means and variances. */
  readonly statistics: readonly string[];
}

/**
 * The model for training: outputs as before, and `new/<statistic>` for each running statistic. Errors: `unsupported` with the node for
 * variants of these operators that can't be rewritten; `invalid` for a normalization over one number (a batch of 1).
 */
export function trainingMode(graph: ModelGraph): TrainingModel {
  const w = new GraphWriter(graph, 'train');
  const updates = new Map<string, Value>();
  let seed: Value | undefined;
  let salts = 0;
  const training = {
    w,
    seed: () => {
      seed ??= w.input(SEED, [], INT64);
      return seed;
    },
    salt: () => {
      salts += 1;
      return salts;
    },
    update: (statistic: string, value: Value) => {
      updates.set(statistic, value);
    },
  };
  for (const node of graph.nodes) {
    if (Object.hasOwn(rewrites, node.operator)) w.rewrite(node.proto, () => rewrites[node.operator]!(training, node));
  }
  for (const [statistic, value] of updates) w.output(w.named(updatedName(statistic), value));
  return { model: w.finish(), statistics: [...updates.keys()] };
}
