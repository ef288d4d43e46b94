/**
 * Checkpoints of trainings on this device. While a training goes on its process writes them into a folder; when it is over, whatever came of it, they become
 * files of the agent, which a controller can get.
 *
 *     training/<name>/last.safetensors, best.safetensors ── the run is over, or the agent starts again ──▶ files training/<name>/last.safetensors, …
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../mesh/files/blob.ts';
import { checkpointFile, checkpointNames, fileOfCheckpoint } from '../../mesh/training/checkpoint-names.ts';
import { place } from './place-model.ts';
import type { FileStore } from './store.ts';

export class CheckpointShelf {
  readonly #root: string;
  readonly #store: FileStore;

  constructor(dataFolder: string, store: FileStore) {
    this.#root = join(dataFolder, 'training');
    this.#store = store;
  }

  /** A folder for a training's process, with nothing in it but the best checkpoint so far. Error `not-found` when that is not here. */
  async folder(training: string, best: Blob | undefined): Promise<string> {
    const folder = join(this.#root, training);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    if (best !== undefined) await place(await this.#store.pathOf(best), join(folder, fileOfCheckpoint('best')));
    return folder;
  }

  /** Its process has ended. Idempotent. */
  async keep(training: string): Promise<void> {
    const folder = join(this.#root, training);
    for (const name of checkpointNames) {
      const path = join(folder, fileOfCheckpoint(name));
      const isThere = await stat(path).then(
        (facts) => facts.isFile(),
        () => false,
      );
      if (isThere) await this.#store.adopt(path, checkpointFile(training, name));
    }
    await rm(folder, { recursive: true, force: true });
  }

  /** Of trainings whose agent did not end in order. */
  async keepAll(): Promise<void> {
    for (const training of await readdir(this.#root).catch(() => [])) await this.keep(training);
  }
}
