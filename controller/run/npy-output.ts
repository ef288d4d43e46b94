/**
 * `--output FILE.npy`: outputs stacked along axis 0, one file per output of the model (`FILE.<name>.npy` when there are several). A leading
 * axis of 1, the batch, is dropped: what comes in as N×C×H×W goes out as N×classes.
 */
import { realpath } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { NpyWriter } from './npy-writer.ts';
import { fileNameOf } from './open-input.ts';
import type { OutputConsumer } from './sink.ts';

export class NpyOutput implements OutputConsumer, AsyncDisposable {
  readonly #writers: ReadonlyMap<string, NpyWriter>;

  private constructor(writers: ReadonlyMap<string, NpyWriter>) {
    this.#writers = writers;
  }

  /**
   * Creates the files. `inputs`: files that are read meanwhile. Error `usage` when the path does not end in .npy or would replace an input,
   * `denied` when a file can't be written.
   */
  static async create(path: string, outputs: readonly string[], inputs: readonly string[]): Promise<NpyOutput> {
    const paths = outputPaths(path, outputs);
    await keepInputs([...paths.values()], inputs);
    const writers = new Map<string, NpyWriter>();
    for (const [name, file] of paths) writers.set(name, await NpyWriter.create(file));
    return new NpyOutput(writers);
  }

  get paths(): string[] {
    return [...this.#writers.values()].map((writer) => writer.path);
  }

  async take(_id: FrameId, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
    for (const [name, writer] of this.#writers) {
      const tensor = tensors.get(name)!;
      await writer.append(tensor.dims[0] === 1 ? { ...tensor, dims: tensor.dims.slice(1) } : tensor);
    }
  }

  async sync(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.sync()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Output of the model → file. */
export function outputPaths(path: string, outputs: readonly string[]): ReadonlyMap<string, string> {
  if (!path.endsWith('.npy')) throw new MeshError('usage', `--output: ${path} does not end in .npy`);
  if (outputs.length === 1) return new Map([[outputs[0]!, path]]);
  return new Map(outputs.map((name) => [name, `${path.slice(0, -'.npy'.length)}.${fileNameOf(name)}.npy`]));
}

/** Creating an output empties the file, and the frames would be gone. Links are followed; what does not exist can't be replaced. */
async function keepInputs(outputs: readonly string[], inputs: readonly string[]): Promise<void> {
  const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
  const kept = new Set(await Promise.all(inputs.map(real)));
  for (const path of outputs) {
    const target = await real(path);
    if (target === undefined || !kept.has(target)) continue;
    throw new MeshError('usage', `--output: ${path} is also read as --input and would be replaced`, { hint: 'give another file' });
  }
}
