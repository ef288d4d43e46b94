/**
 * The folder of one stage: `stages/<run>-<stage>-<epoch>/` with the model and its external data under the names the model uses.
 *
 * The files are hard links to blobs: no bytes are copied, and a blob that is deleted meanwhile stays until the stage is gone. (Symbolic
 * links would not do: ONNX Runtime refuses external data that really lies outside the model's folder.) Where the file system has no hard
 * links they are copied.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import { formatStage, type StageKey } from '../../mesh/stage.ts';
import type { StageOrder } from './stage-order.ts';

/** Path of a complete blob on this device. Error `not-found` when it is not here. */
export type FindBlob = (blob: Blob) => Promise<string>;

/** Where the files of a stage process are put together. */
export interface StageFolders {
  /** Returns the path of the model. Errors: `not-found` for a missing blob, `invalid` for a name that is not one below the folder, `exhausted` when the disk is full. */
  create(order: Pick<StageOrder, 'key' | 'model' | 'externalData'>): Promise<string>;
  /** What is not there is no error. */
  remove(key: StageKey): Promise<void>;
}

export class Workspaces implements StageFolders {
  readonly #root: string;
  readonly #findBlob: FindBlob;

  constructor(dataFolder: string, findBlob: FindBlob) {
    this.#root = join(dataFolder, 'stages');
    this.#findBlob = findBlob;
  }

  /** Removes what an agent that did not end in order left behind. */
  async removeStale(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }

  async create(order: Pick<StageOrder, 'key' | 'model' | 'externalData'>): Promise<string> {
    try {
      return await this.#create(order);
    } catch (error) {
      throw fsError(error, `make a folder for ${formatStage(order.key)}`);
    }
  }

  async #create(order: Pick<StageOrder, 'key' | 'model' | 'externalData'>): Promise<string> {
    const names = [...order.externalData.keys()];
    for (const name of names) checkRelativeName(name);
    const folder = this.#folder(order.key);
    await this.remove(order.key);
    await mkdir(folder, { recursive: true });
    const model = join(folder, names.includes('model.onnx') ? 'stage-model.onnx' : 'model.onnx');
    await place(await this.#findBlob(order.model), model);
    for (const [name, blob] of order.externalData) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await place(await this.#findBlob(blob), path);
    }
    return model;
  }

  async remove(key: StageKey): Promise<void> {
    await rm(this.#folder(key), { recursive: true, force: true });
  }

  #folder({ run, stage, epoch }: StageKey): string {
    return join(this.#root, `${run}-${stage}-${epoch}`);
  }
}

/** Error `invalid` when the name could mean a file outside the folder it is relative to. */
export function checkRelativeName(name: string): void {
  const parts = name.split('/');
  const plain = parts.every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= 255);
  if (!plain || name.includes('\0') || name.includes('\\') || name.length > 1024) {
    throw new MeshError(
      'invalid',
      `external data "${name.slice(0, 80)}" is not a relative name: expected parts joined by /, without . and ..`,
    );
  }
}

/** Links a blob to a path, or copies it where links are not possible. */
export async function place(blob: string, path: string): Promise<void> {
  try {
    await link(blob, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
    await copyFile(blob, path, constants.COPYFILE_EXCL);
  }
}
