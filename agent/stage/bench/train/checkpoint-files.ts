/**
 * Checkpoints in a folder: complete or not there, also when the power fails.
 *
 *     last.safetensors    after each epoch: all that it takes to go on
 *     best.safetensors    parameters and statistics of the best epoch so far
 */
import { closeSync, fsyncSync, openSync, renameSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { fsError } from '../../../../mesh/files/fs-error.ts';
import { type CheckpointName, fileOfCheckpoint } from '../../../../mesh/training/checkpoint-names.ts';

/** `parts`: of one file, in order. Error `exhausted` when the disk is full. */
export function writeCheckpoint(folder: string, name: CheckpointName, parts: readonly Uint8Array[]): void {
  const path = join(folder, fileOfCheckpoint(name));
  const draft = `${path}.draft`;
  try {
    const file = openSync(draft, 'w');
    try {
      for (const part of parts) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    const holder = openSync(folder, 'r');
    try {
      fsyncSync(holder);
    } finally {
      closeSync(holder);
    }
  } catch (error) {
    throw fsError(error, `write ${path}`);
  }
}

/** The kernel takes at most 2 GiB at once, and less when it likes. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writevSync(file, [bytes.subarray(at, at + 2 ** 30)]);
}
