/** A model with the parameters and statistics of a checkpoint, for everything that takes a model. */
import { readFile } from 'node:fs/promises';
import { decodeCheckpoint } from '../../mesh/training/checkpoint.ts';
import type { Model } from '../../partition/model.ts';
import { withTensors } from '../../partition/with-tensors.ts';

/** Error `invalid` when the file is no checkpoint, or one of another model. */
export async function modelWith(model: Model, checkpointPath: string): Promise<Model> {
  const { tensors } = decodeCheckpoint(new Uint8Array(await readFile(checkpointPath)), checkpointPath);
  return withTensors(model, tensors);
}
