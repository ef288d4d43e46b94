/**
 * `--output FILE.npy`: outputs stacked along axis 0, one file per output of the model (`FILE.<name>.npy` when there are several). A leading
 * axis of 1, the batch, is dropped: what comes in as N×C×H×W goes out as N×classes.
 *
 * Where frames may be dropped, FILE.frames.npy beside it says which they are: the index of each in the input, int64.
 *
 *     frames ──▶ FILE.npy.<random>.part ── run complete ──▶ FILE.npy
 *                                       └─ run failed ────▶ removed; what FILE.npy was before, it still is
 *
 * Only a controller that is killed leaves its .part file: an array of all frames until then. A detached run gives the .part file the name of the
 * run instead of a random one, and continues it (`resume`).
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, realpath, rename, rm, stat } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { fsError } from '../../mesh/files/fs-error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Tensor } from '../../mesh/tensor.ts';
import { NpyWriter } from './npy-writer.ts';
import { fileNameOf } from './open-input.ts';
import type { RunOutput } from './run-output.ts';

interface OutputFile {
  readonly writer: NpyWriter;
  /** Where it belongs, links followed. */
  readonly target: string;
}

export class NpyOutput implements RunOutput {
  /** By output of the model. */
  readonly #files = new Map<string, OutputFile>();
  #indices: OutputFile | undefined;
  #kept = false;

  /**
   * Creates the files beside their places. `inputs`: files that are read meanwhile. Error `usage` when the path does not end in .npy or
   * would replace an input, `denied` when a file can't be written. `indices`: say which frames of the input they are.
   */
  static async create(path: string, outputs: readonly string[], inputs: readonly string[], indices = false): Promise<NpyOutput> {
    const paths = outputPaths(path, outputs);
    const beside = indices ? indicesPath(path, paths) : undefined;
    await keepInputs([...paths.values(), ...(beside === undefined ? [] : [beside])], inputs);
    const output = new NpyOutput();
    try {
      if (beside !== undefined) output.#indices = await openBeside(beside);
      for (const [name, file] of paths) output.#files.set(name, await openBeside(file));
      return output;
    } catch (error) {
      await output.close();
      throw error;
    }
  }

  /**
   * Continues the files of this run, or creates them. What one of several files has beyond the others is cut off. Errors: those of `create`;
   * `invalid` when a file is none that this made.
   */
  static async resume(path: string, outputs: readonly string[], inputs: readonly string[], run: string): Promise<NpyOutput> {
    const paths = outputPaths(path, outputs);
    await keepInputs([...paths.values()], inputs);
    const output = new NpyOutput();
    try {
      for (const [name, file] of paths) output.#files.set(name, await openBeside(file, run));
      const { next } = output;
      for (const { writer } of output.#files.values()) await writer.truncate(next);
      return output;
    } catch (error) {
      await output.leave();
      throw error;
    }
  }

  /** All frames below are in every file. */
  get next(): number {
    return Math.min(...[...this.#files.values()].map(({ writer }) => writer.count));
  }

  /** Closes the files where they are, to be continued. */
  async leave(): Promise<void> {
    this.#kept = true;
    await Promise.all([...this.#files.values()].map(({ writer }) => writer.close()));
  }

  async take(_id: FrameId, tensors: ReadonlyMap<string, Tensor>, index: number): Promise<void> {
    for (const [name, { writer }] of this.#files) {
      const tensor = tensors.get(name)!;
      await writer.append(tensor.dims[0] === 1 ? { ...tensor, dims: tensor.dims.slice(1) } : tensor);
    }
    await this.#indices?.writer.append(indexTensor(index));
  }

  async skip(_id: FrameId, index: number): Promise<void> {
    for (const { writer } of this.#files.values()) await writer.appendNothing();
    await this.#indices?.writer.append(indexTensor(index));
  }

  async sync(): Promise<void> {
    await Promise.all(this.#all.map(({ writer }) => writer.sync()));
  }

  /** The run is complete: puts the files in their places. Nothing more may be taken. */
  async keep(): Promise<void> {
    const files = this.#all;
    await Promise.all(files.map(({ writer }) => writer.close()));
    for (const { writer, target } of files) {
      try {
        await rename(writer.path, target);
      } catch (error) {
        throw fsError(error, `write ${target}`);
      }
    }
    this.#kept = true;
  }

  /** Removes what was not kept. Idempotent. */
  async close(): Promise<void> {
    if (this.#kept) return;
    for (const { writer } of this.#all) {
      // A full disk may be why the run failed; the file goes all the same.
      await writer.close().catch(() => {});
      await rm(writer.path, { force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #all(): OutputFile[] {
    return [...this.#files.values(), ...(this.#indices === undefined ? [] : [this.#indices])];
  }
}

function indexTensor(index: number): Tensor {
  return { dtype: 'int64', dims: [], data: new Uint8Array(BigInt64Array.of(BigInt(index)).buffer) };
}

/** Error `usage` when an output of the model takes that name. */
function indicesPath(path: string, outputs: ReadonlyMap<string, string>): string {
  const beside = `${path.slice(0, -'.npy'.length)}.frames.npy`;
  const taken = [...outputs].find(([, file]) => file === beside);
  if (taken === undefined) return beside;
  throw new MeshError('usage', `--output: ${beside} is to say which frames were not dropped, and is the file of the output "${taken[0]}"`, {
    hint: 'run without --drop, or without --output',
  });
}

/** Checks now what would fail when the file is put in its place. `run`: continues what this run wrote. */
async function openBeside(path: string, run?: string): Promise<OutputFile> {
  const present = await stat(path).catch(() => undefined);
  if (present?.isFile() === false) throw new MeshError('denied', `${path} can't be written: it is no regular file`);
  const target = present === undefined ? path : await realpath(path);
  const writer =
    run === undefined
      ? await NpyWriter.create(`${target}.${randomBytes(4).toString('hex')}.part`, path)
      : await NpyWriter.reopen(`${target}.${run}.part`, path);
  if (present === undefined) return { writer, target };
  try {
    await access(target, constants.W_OK);
    await chmod(writer.path, present.mode & 0o777);
  } catch (error) {
    await writer.close();
    if (run === undefined) await rm(writer.path, { force: true });
    throw new MeshError('denied', `${path} can't be replaced: ${(error as Error).message}`, { cause: error });
  }
  return { writer, target };
}

/** Output of the model → file. */
export function outputPaths(path: string, outputs: readonly string[]): ReadonlyMap<string, string> {
  if (!path.endsWith('.npy')) throw new MeshError('usage', `--output: ${path} does not end in .npy`);
  if (outputs.length === 1) return new Map([[outputs[0]!, path]]);
  return new Map(outputs.map((name) => [name, `${path.slice(0, -'.npy'.length)}.${fileNameOf(name)}.npy`]));
}

/** An output replaces the file, and the frames would be gone. Links are followed; what does not exist can't be replaced. */
async function keepInputs(outputs: readonly string[], inputs: readonly string[]): Promise<void> {
  const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
  const kept = new Set(await Promise.all(inputs.map(real)));
  for (const path of outputs) {
    const target = await real(path);
    if (target === undefined || !kept.has(target)) continue;
    throw new MeshError('usage', `--output: ${path} is also read as --input and would be replaced`, { hint: 'give another file' });
  }
}
