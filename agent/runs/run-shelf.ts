/**
 * What an agent remembers of the runs it keeps alive, on disk: it starts them again when it was restarted itself.
 *
 *     runs/<run>/  model/…  plan.json  order.pb     written last: a folder without it was never complete
 *                  term  last-words                 left by the run's processes, and about them
 *
 * The model's files are links to blobs: they stay although the blobs are deleted.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { RunOrder } from '../../mesh/run-order.ts';
import { decodeRunOrder, encodeRunOrder } from '../../mesh/wire-run.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import { type FindBlob, placeModel } from '../files/place-model.ts';

const ORDER = 'order.pb';

export class RunShelf {
  readonly #root: string;
  readonly #findBlob: FindBlob;

  constructor(dataFolder: string, findBlob: FindBlob) {
    this.#root = join(dataFolder, 'runs');
    this.#findBlob = findBlob;
  }

  folder(run: string): string {
    return join(this.#root, run);
  }

  /** Errors: `not-found` for a blob that is not here, `invalid` for a name of external data that is none. */
  async add(order: RunOrder): Promise<void> {
    const folder = this.folder(order.run);
    if (order.modelFile?.externalData.has('model.onnx') === true)
      throw new MeshError('invalid', 'external data must not be called model.onnx');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    try {
      if (order.modelFile !== undefined) await placeModel(order.modelFile, join(folder, 'model'), this.#findBlob);
      if (order.plan !== undefined) await writeFile(join(folder, 'plan.json'), order.plan);
      await writeAside(join(folder, ORDER), (aside) => writeFile(aside, encodeRunOrder(order), { flush: true }));
    } catch (error) {
      await this.remove(order.run);
      throw error;
    }
  }

  async remove(run: string): Promise<void> {
    await rm(this.folder(run), { recursive: true, force: true });
  }

  /** What was launched here and is not over. What can't be read is removed, with a word to `onBad`. */
  async list(onBad: (error: MeshError) => void): Promise<RunOrder[]> {
    const names = await readdir(this.#root).catch(() => []);
    const orders: RunOrder[] = [];
    for (const name of names.sort()) {
      try {
        orders.push(decodeRunOrder(await readFile(join(this.#root, name, ORDER))));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onBad(MeshError.from(error));
        await this.remove(name);
      }
    }
    return orders;
  }
}
