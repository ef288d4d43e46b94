/**
 * What is kept of a training on this machine, below the folder of runs:
 *
 *     trainings/<name>/training.json        what was asked for
 *                      model.onnx           the model before it was trained
 *                      data.safetensors     windows and labels
 *                      0-step.onnx, 0-forward.onnx, 1-…    graphs of its stages
 *                      start.safetensors    the checkpoint before the first epoch
 *                      last.safetensors, best.safetensors  of its device, since it ended or was stopped
 *                      best.onnx            the model with the best parameters
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import { closest } from '../../mesh/suggest.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import type { Model } from '../../partition/model.ts';
import { streamWritten, writeModel } from '../../partition/write-model.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import { theOne } from '../store/the-one.ts';

const SPEC = 'training.json';
const FORMAT = 1;

export class TrainingFolder {
  readonly name: string;
  readonly path: string;

  private constructor(data: string, name: string) {
    this.name = name;
    this.path = join(data, 'trainings', name);
  }

  /** One that is new; nothing is made yet. `data`: the folder of runs. */
  static of(data: string, name: string): TrainingFolder {
    return new TrainingFolder(data, name);
  }

  /** By its name, the beginning of it, or `last`. Errors `not-found`, `usage` when several begin so, `invalid`. */
  static async find(data: string, name: string): Promise<TrainingFolder> {
    const all = (await readdir(join(data, 'trainings')).catch(() => [])).sort().toReversed();
    const found = name === 'last' ? all.slice(0, 1) : all.includes(name) ? [name] : all.filter((each) => each.startsWith(name));
    const near = closest(name, all);
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `trainings are kept in ${join(data, 'trainings')}`;
    return new TrainingFolder(data, theOne({ what: 'training', name, found, nameOf: (each) => each, hint }));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Makes the folder. */
  async writeSpec(spec: TrainingSpec): Promise<void> {
    await this.write(SPEC, [Buffer.from(`${JSON.stringify({ format: FORMAT, ...spec }, undefined, 2)}\n`)]);
  }

  /** Errors: `invalid` when it can't be read, `conflict` for one of another release. */
  async spec(): Promise<TrainingSpec> {
    const path = this.file(SPEC);
    try {
      const { format, ...spec } = JSON.parse(await readFile(path, 'utf8')) as TrainingSpec & { format: number };
      if (format !== FORMAT) throw new MeshError('conflict', `${path} has format ${format}; this release knows ${FORMAT}`);
      return spec;
    } catch (error) {
      throw MeshError.from(error, 'invalid');
    }
  }

  /** Complete or not there. Returns its path. */
  async write(name: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
    const path = this.file(name);
    try {
      await makeFolders(this.path);
      await writeAside(path, (aside) => writeFile(aside, parts));
    } catch (error) {
      throw fsError(error, `write ${path}`);
    }
    return path;
  }

  writeModel(name: string, model: Model): Promise<string> {
    return this.write(name, streamWritten(writeModel(model)));
  }
}
