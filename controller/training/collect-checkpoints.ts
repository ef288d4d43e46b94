/**
 * Brings the checkpoints of a training home when its run is over, whatever came of it: nothing that was learned is lost with a device.
 *
 *     settle ─▶ best, last ──pull──▶ trainings/<name>/ ─▶ best.onnx      then the device may forget them
 */
import { MeshError } from '../../mesh/error.ts';
import { deleteFile } from '../../mesh/files/entries.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { type CheckpointName, checkpointFile } from '../../mesh/training/checkpoint-names.ts';
import { readModelFile } from '../../partition/read-model.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import { pullFile } from '../files/pull-file.ts';
import { modelWith } from './best-model.ts';
import type { TrainingFolder } from './training-folder.ts';

export interface Collected {
  /** Paths here; undefined: there is none on the device. */
  readonly last: string | undefined;
  readonly best: string | undefined;
}

/** `run`: the benchmark run that trained; undefined: none is going on. Errors: `unreachable`, `lost`; of a full disk. */
export async function collectCheckpoints(
  client: Pick<BenchClient, 'name' | 'address' | 'settle'>,
  run: string | undefined,
  folder: TrainingFolder,
  signal: AbortSignal,
): Promise<Collected> {
  if (run !== undefined) await client.settle(run, signal);
  const peer = new FilesPeer(client.address, client.name);
  try {
    const pull = async (checkpoint: CheckpointName): Promise<string | undefined> => {
      const ref = { name: checkpointFile(folder.name, checkpoint) };
      const ignore = (): void => {};
      try {
        const { path } = await pullFile(peer, ref, {
          output: folder.file(`${checkpoint}.safetensors`),
          ...{ signal, onStart: ignore, onProgress: ignore },
        });
        return path;
      } catch (error) {
        if (error instanceof MeshError && error.code === 'not-found') return undefined;
        throw error;
      }
    };
    const collected = { best: await pull('best'), last: await pull('last') };
    if (collected.best !== undefined)
      await folder.writeModel('best.onnx', await modelWith(readModelFile(folder.file('model.onnx')), collected.best));
    // Only what is safe here is deleted there.
    for (const checkpoint of ['best', 'last'] as const)
      if (collected[checkpoint] !== undefined) await deleteFile(peer, { name: checkpointFile(folder.name, checkpoint) }, signal);
    return collected;
  } finally {
    peer.close();
  }
}
