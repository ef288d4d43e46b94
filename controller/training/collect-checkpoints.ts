/**
 * Brings the checkpoints of a training home when its run is over, whatever came of it: nothing that was learned is lost with a device.
 *
 *     settle ─▶ best, last ──pull──▶ trainings/<name>/ ─▶ best.onnx      then the device may forget them
 */
import { MeshError } from '../../mesh/error.ts';
import { deleteFile } from '../../mesh/files/entries.ts';
import { FilesPeer } from '../../mesh/files/files-peer.ts';
import { type CheckpointName, checkpointFile, checkpointNames, fileOfCheckpoint } from '../../mesh/training/checkpoint-names.ts';
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

/** On a device. */
export interface TrainingThere {
  /** The benchmark run that trains it; undefined: none is going on. */
  readonly run: string | undefined;
  /** What it is called there. */
  readonly training: string;
  readonly signal: AbortSignal;
}

type Client = Pick<BenchClient, 'name' | 'address' | 'settle'>;

/** Errors: `unreachable`, `lost`, the signal's reason; of a full disk. */
export async function collectCheckpoints(
  client: Client,
  { folder, ...there }: TrainingThere & { readonly folder: TrainingFolder },
): Promise<Collected> {
  const { training, signal } = there;
  return await whenSettled(client, there, async (peer) => {
    const pull = async (checkpoint: CheckpointName): Promise<string | undefined> => {
      const ignore = (): void => {};
      const output = folder.file(fileOfCheckpoint(checkpoint));
      return await ifThere(async () => {
        const ref = { name: checkpointFile(training, checkpoint) };
        return (await pullFile(peer, ref, { output, signal, onStart: ignore, onProgress: ignore })).path;
      });
    };
    const collected = { best: await pull('best'), last: await pull('last') };
    if (collected.best !== undefined)
      await folder.writeModel('best.onnx', await modelWith(readModelFile(folder.file('model.onnx')), collected.best));
    // Only what is safe here is deleted there.
    await forget(peer, training, signal);
    return collected;
  });
}

/** Nobody wants them. Errors as for {@link collectCheckpoints}. */
export async function forgetCheckpoints(client: Client, there: TrainingThere): Promise<void> {
  await whenSettled(client, there, (peer) => forget(peer, there.training, there.signal));
}

async function whenSettled<T>(client: Client, { run, signal }: TrainingThere, then: (peer: FilesPeer) => Promise<T>): Promise<T> {
  if (run !== undefined) await client.settle(run, signal);
  const peer = new FilesPeer(client.address, client.name);
  try {
    return await then(peer);
  } finally {
    peer.close();
  }
}

async function forget(peer: FilesPeer, training: string, signal: AbortSignal): Promise<void> {
  for (const checkpoint of checkpointNames) await ifThere(() => deleteFile(peer, { name: checkpointFile(training, checkpoint) }, signal));
}

async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MeshError && error.code === 'not-found') return undefined;
    throw error;
  }
}
