/** What a descriptor runs on one device, as `controller bench run` would: from kept files, never from those they were made of. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CommandWorkload, PageCache } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { PreparedWorkload } from '../bench/infer-workload.ts';
import type { Descriptor, ProgramWorkload } from '../descriptor/descriptor.ts';
import { modelFiles, sourceKey } from '../task/source-keys.ts';
import type { SourceShelf } from '../task/source-shelf.ts';
import type { StoredDescriptor } from '../task/task.ts';
import { type BenchJob, benchJob, PROGRAM_MS_MAX } from './bench-job.ts';
import { deadlineOf, parsePageCache } from './bench-options.ts';
import type { Io } from './command.ts';
import { modelPathOf } from './submit-task.ts';
import { benchValuesOf } from './task-options.ts';

export interface TaskJob {
  readonly job: BenchJob;
  readonly pageCache: PageCache;
  readonly deadlineMs: number;
}

export interface TaskJobOptions {
  readonly descriptor: Descriptor;
  readonly stored: StoredDescriptor;
  readonly shelf: SourceShelf;
  /** A name that no other run has. */
  readonly name: string;
  /** The data folder. */
  readonly data: string;
  /** Besides the descriptor's. */
  readonly env: Readonly<Record<string, string>>;
  readonly io: Io;
}

/** Errors: `not-found` when a kept file is gone; those of `benchJob`. */
export async function taskJob(options: TaskJobOptions): Promise<TaskJob> {
  const { descriptor, name, data, io } = options;
  const { workload, timeoutMs } = descriptor;
  if (workload.kind === 'program') {
    const job = programJob(await programOf(workload, options));
    return { job, pageCache: 'as-is', deadlineMs: timeoutMs ?? deadlineOf(undefined, job.longestMs) };
  }
  const model = await keptModel(options);
  const values = { ...benchValuesOf({ ...workload, model }), data };
  const job = await benchJob(values, { positionals: [], behind: undefined }, name, io);
  const pageCache = parsePageCache('--page-cache', values['page-cache'] ?? 'as-is');
  return { job, pageCache, deadlineMs: timeoutMs ?? deadlineOf(undefined, job.longestMs) };
}

/** A model of ours by its name; a file where its kept copy lies. With cuts, if it has some. */
export async function keptModel({ descriptor, stored, shelf }: Pick<TaskJobOptions, 'descriptor' | 'stored' | 'shelf'>): Promise<string> {
  const { model } = descriptor.workload as Extract<Descriptor['workload'], { kind: 'model' }>;
  const path = modelPathOf(descriptor);
  if (path === undefined) return model;
  const files = modelFiles(stored.sources, path);
  for (const sha256 of files.values()) await sizeOfKept(shelf, sha256, path);
  const folder = await shelf.folderOf(stored.digest, files);
  return `${join(folder, basename(path))}${model.slice(path.length)}`;
}

async function programOf(
  { argv }: ProgramWorkload,
  { descriptor, stored, shelf, env }: TaskJobOptions,
): Promise<PreparedWorkload<CommandWorkload>> {
  const files = new Map<string, Blob>();
  const paths = new Map<Blob, string>();
  for (const { from, path } of descriptor.sources) {
    const sha256 = stored.sources[sourceKey(from)]!;
    const blob = { sha256: Buffer.from(sha256, 'hex'), bytes: await sizeOfKept(shelf, sha256, path) };
    files.set(path, blob);
    paths.set(blob, shelf.pathOf(sha256));
  }
  const { server } = descriptor;
  const served = server === undefined ? {} : { server };
  return { workload: { kind: 'command', argv, env: { ...descriptor.env, ...env }, files, ...served }, title: argv.join(' '), paths };
}

async function sizeOfKept(shelf: SourceShelf, sha256: string, what: string): Promise<number> {
  try {
    return (await stat(shelf.pathOf(sha256))).size;
  } catch (error) {
    throw new MeshError('not-found', `${what}, which the descriptor reads, is not kept any more: ${(error as Error).message}`, {
      hint: 'run the descriptor from its file again',
      cause: error,
    });
  }
}

function programJob(prepared: PreparedWorkload<CommandWorkload>): BenchJob {
  return {
    ...{ kind: 'command', longestMs: PROGRAM_MS_MAX, agentFolder: undefined },
    prepare: async () => prepared,
    around: (_client, _run, _view, measure) => measure(),
    [Symbol.asyncDispose]: async () => {},
  };
}
