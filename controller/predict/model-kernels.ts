/**
 * Which kernels the runtime makes of a model: known from a collection, or asked of a device that loads it once and tells.
 *
 *     model's digest ──▶ store? ──▶ file of the cache? ──▶ a device: session, profiled inferences ──▶ cache
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import type { BenchClient } from '../deploy/bench-client.ts';
import { bringFiles } from '../files/bring-files.ts';
import { withActivations } from '../profile/fused-activation.ts';
import type { PreparedSubject } from '../profile/subjects/subject.ts';
import { kernelsOfSubjects } from '../profiler/subject-kernels.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { knownKernels } from './trained-profile.ts';

export interface KernelTools {
  readonly store: ProfileStore;
  /** The cache's. */
  readonly folder: string;
  /** A device to ask; closed by who made it. */
  readonly device: () => Promise<BenchClient>;
  readonly run: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Changes when what a file means does. */
const FORMAT = 2;
/** The first inference shows other kernels' times, not other kernels. */
const RUNS = 2;
/** A device that is slow opens the largest model in less. */
const DEADLINE_MS = 300_000;

/** Errors: those of the device; `failed` when its runtime refuses the model. */
export async function modelKernels(prepared: PreparedSubject, tools: KernelTools): Promise<readonly Kernel[]> {
  const { subject } = prepared;
  const stored = await knownKernels(tools.store, [subject.sha256]);
  const sample = stored.find(({ subject: { part } }) => part === subject.part);
  if (sample !== undefined) return kernelsOfSubjects([sample])(sample)!;
  const path = join(tools.folder, `kernels-${subject.sha256}.json`);
  const known = await read(path);
  if (known !== undefined) return known;
  const kernels = await asked(prepared, tools);
  await makeFolders(tools.folder);
  await writeAside(path, (aside) => writeFile(aside, `${JSON.stringify({ format: FORMAT, kernels })}\n`));
  return kernels;
}

async function read(path: string): Promise<readonly Kernel[] | undefined> {
  try {
    const { format, kernels } = JSON.parse(await readFile(path, 'utf8')) as { format?: unknown; kernels?: unknown };
    return format === FORMAT && Array.isArray(kernels) && kernels.every(isKernel) ? kernels : undefined;
  } catch {
    // Not there, not readable, or cut off: it is asked again.
    return undefined;
  }
}

function isKernel(value: unknown): value is Kernel {
  const { name, operator, inputs, outputs } = (value ?? {}) as Partial<Kernel>;
  const texts = (list: unknown): boolean => Array.isArray(list) && list.every((each) => typeof each === 'string');
  return typeof name === 'string' && typeof operator === 'string' && texts(inputs) && texts(outputs);
}

async function asked(
  { item, paths, subject, activations }: PreparedSubject,
  { device, run, now, signal }: KernelTools,
): Promise<readonly Kernel[]> {
  const client = await device();
  await bringFiles(client, paths, { signal, now, onProgress: () => {} });
  let kernels: readonly Kernel[] | undefined;
  let why = 'it did not tell';
  const record = await client.run(
    {
      run,
      workload: {
        kind: 'timing',
        items: [item],
        session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
        ...{ warmUpMs: 0, batches: 1, batchMs: 0, kernelRuns: RUNS, seed: 1 },
      },
      ...{ limits: {}, enforce: false, pageCache: 'as-is', deadlineMs: DEADLINE_MS, whenBusy: 'wait', besideStages: true },
    },
    (event) => {
      if (event.kind !== 'timed') return;
      if (event.item.result.kind === 'times') kernels = event.item.result.kernels.map(({ us: _, ...kernel }) => kernel);
      else why = event.item.result.why;
    },
    signal,
  );
  if (kernels !== undefined && kernels.length > 0) return withActivations(kernels, activations);
  const outcome = record.outcome.kind === 'ok' ? why : `${record.outcome.kind}: ${why}`;
  throw new MeshError('failed', `${client.name} can't tell which kernels ${subject.model} has: ${outcome}`);
}
