/** The folder of one stage: `stages/<run>-<stage>-<epoch>/` with the files of its model. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fsError } from '../../mesh/files/fs-error.ts';
import { formatStage, type StageKey } from '../../mesh/stage.ts';
import { optional } from '../../mesh/wire-number.ts';
import { type FindBlob, placeModel } from '../files/place-model.ts';
import type { StageOrder } from './stage-order.ts';

type FilesOrder = Pick<StageOrder, 'key' | 'model' | 'externalData' | 'speedProbe'>;

/** Of the model, and of the speed probe when there is one. */
export interface StagePaths {
  readonly modelPath: string;
  readonly probePath?: string;
}

/** Beside the model's. */
const PROBE_FOLDER = '.speed-probe';

/** Where the files of a stage process are put together. */
export interface StageFolders {
  /** Errors: `not-found` for a missing blob, `invalid` for a name that is not one below the folder, `exhausted` when the disk is full. */
  create(order: FilesOrder): Promise<StagePaths>;
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

  async create(order: FilesOrder): Promise<StagePaths> {
    try {
      return await this.#create(order);
    } catch (error) {
      throw fsError(error, `make a folder for ${formatStage(order.key)}`);
    }
  }

  async #create({ speedProbe, ...order }: FilesOrder): Promise<StagePaths> {
    const folder = this.#folder(order.key);
    await this.remove(order.key);
    const modelPath = await placeModel(order, folder, this.#findBlob);
    const probePath = speedProbe === undefined ? undefined : await placeModel(speedProbe, join(folder, PROBE_FOLDER), this.#findBlob);
    return { modelPath, ...optional('probePath', probePath) };
  }

  async remove(key: StageKey): Promise<void> {
    await rm(this.#folder(key), { recursive: true, force: true });
  }

  #folder({ run, stage, epoch }: StageKey): string {
    return join(this.#root, `${run}-${stage}-${epoch}`);
  }
}
