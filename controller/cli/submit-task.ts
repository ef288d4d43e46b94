/**
 * From a descriptor's file to tasks that can be run, now or in a year: all that it reads is kept, and what it is called by is the digest of everything.
 *
 *     FILE.toml ──▶ validated ──▶ files and models kept on the shelf ──▶ StoredDescriptor ──▶ a task for each combination
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { parseSplit } from '../../partition/split-spec.ts';
import type { Combination, Descriptor, DescriptorFile } from '../descriptor/descriptor.ts';
import { readDescriptor } from '../descriptor/read-descriptor.ts';
import { modelFilesOf } from '../files/model-files.ts';
import { benchmarkName, modelFileKey, sourceKey } from '../task/source-keys.ts';
import type { SourceShelf } from '../task/source-shelf.ts';
import type { StoredDescriptor, Task, TaskOrigin } from '../task/task.ts';
import type { Io } from './command.ts';
import { loadModel } from './load-model.ts';
import { checkOptions } from './task-options.ts';
import { asked } from './usage.ts';

export interface LoadedDescriptor {
  readonly file: DescriptorFile;
  readonly text: string;
  /** What is relative in it is so to this folder. */
  readonly folder: string;
}

export function isDescriptor(word: string): boolean {
  return word.endsWith('.toml');
}

/** All that can be found wrong without a device and without reading files has been. Error `usage`. */
export async function loadDescriptor(path: string): Promise<LoadedDescriptor> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new MeshError('usage', `${path} can't be read: ${error.message}`, { cause: error });
  });
  const file = readDescriptor({ name: basename(path), text });
  checkOptions(file);
  return { file, text, folder: dirname(resolve(path)) };
}

/** Keeps what it reads. Errors: `usage` for a file or model that is not there or not as it should be, `unreachable` for a URL. */
export async function storeDescriptor(
  { file, text, folder }: LoadedDescriptor,
  shelf: SourceShelf,
  io: Io,
  say: (message: string) => void,
): Promise<StoredDescriptor> {
  const sources = new Map<string, string>();
  for (const { descriptor } of file.combinations) {
    for (const source of descriptor.sources) {
      const key = sourceKey(source.from);
      const { from, digest } = source;
      const there = sources.get(key);
      if (there !== undefined) {
        // Not read again: it is one file, whoever else wants it. But each may say what it must be.
        const called = from.kind === 'file' ? from.path : from.url;
        if (digest !== undefined) await asked(() => shelf.keepFile(shelf.pathOf(there), digest, io.signal, called));
        continue;
      }
      if (from.kind === 'http') say(`fetching ${from.url}`);
      const kept = asked(() =>
        from.kind === 'file' ? shelf.keepFile(resolve(folder, from.path), digest, io.signal) : shelf.keepUrl(from.url, digest, io.signal),
      );
      sources.set(key, await kept);
    }
    const model = modelPathOf(descriptor);
    if (model !== undefined && !sources.has(modelFileKey(model, basename(model)))) {
      for (const [name, sha256] of await keepModel(resolve(folder, model), shelf, io)) sources.set(modelFileKey(model, name), sha256);
    }
  }
  const sorted = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256')
    .update(JSON.stringify([text, sorted]))
    .digest('hex');
  return { digest, name: file.name, text, sources: Object.fromEntries(sorted) };
}

/** Of a workload that is a file; undefined: it is none, or a model that we ship. */
export function modelPathOf({ workload }: Descriptor): string | undefined {
  if (workload.kind !== 'model') return undefined;
  const { model } = parseSplit(workload.model, (name) => name.endsWith('.onnx'));
  return model.endsWith('.onnx') ? model : undefined;
}

/** With all files that it consists of, by their names beside it. */
async function keepModel(path: string, shelf: SourceShelf, io: Io): Promise<Map<string, string>> {
  return await asked(async () => {
    const resolved = await loadModel(path, io, () => {});
    const { model, externalData, paths } = await modelFilesOf(resolved.path, resolved.model, io.signal);
    const named = new Map([[basename(path), model], ...externalData]);
    const kept = new Map<string, string>();
    for (const [name, blob] of named) kept.set(name, await shelf.keepFile(paths.get(blob)!, undefined, io.signal));
    return kept;
  });
}

/** `submission`: a name that no other has. */
export function tasksOf(
  stored: StoredDescriptor,
  combinations: readonly Combination[],
  { submission, origin, dueMs }: { readonly submission: string; readonly origin: TaskOrigin; readonly dueMs: number },
): Task[] {
  return combinations.map(({ assignment, descriptor }, index) => ({
    task: combinations.length === 1 ? submission : `${submission}-${index + 1}`,
    ...{ submission, origin, dueMs, assignment, descriptor: stored.digest },
    benchmark: benchmarkName(descriptor.taskName, assignment),
    ...{ status: 'queued', startedMs: undefined, endedMs: undefined, error: undefined },
  }));
}
