/**
 * The profiler as commands use it: fitted to all that was collected, corrected by all runs and benchmarks since, kept in a file so that it is
 * fitted once.
 *
 *     collected samples ──▶ profile.json, there already? read : fitted, written ──▶ predictor ◀── learn ── samples of runs and benchmarks, in their order
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import { fitPredictor, Predictor, queryOf } from '../profiler/predictor.ts';
import { fittedFromJson, fittedToJson } from '../profiler/saved.ts';
import { kernelsOfSubjects } from '../profiler/subject-kernels.ts';
import type { ProfileStore } from '../store/profile-store.ts';

export interface TrainingOptions {
  /** The data folder. */
  readonly folder: string;
  readonly store: ProfileStore;
  /** It takes some seconds now. */
  readonly fitting: (samples: number) => void;
  readonly warn: (message: string) => void;
}

const FILE = 'profile.json';
/** Of what is held out together when intervals are made. */
const SEED = 1;

/** Undefined: nothing was collected yet. */
export async function trainedProfile(options: TrainingOptions): Promise<Predictor | undefined> {
  const { store } = options;
  const counts = await store.sampleCounts();
  const collected = counts.filter(({ source }) => source === 'collect').reduce((sum, { samples }) => sum + samples, 0);
  if (collected === 0) return undefined;
  const predictor = (await read(options, collected)) ?? (await fitted(options, collected));
  if (predictor.basis.references.length === 0) return undefined;
  const later = await store.samples({ sources: ['run', 'bench'] });
  // What is known of a model from a collection holds for its runs.
  const kernelsOf = kernelsOfSubjects([
    ...(await knownKernels(
      store,
      later.map(({ subject }) => subject.sha256),
    )),
    ...later,
  ]);
  for (const sample of later) if (sample.subject.kind !== 'codec') predictor.learn(queryOf(sample, kernelsOf), sample.time.ms);
  return predictor;
}

/** What to do about it, for a person. */
export function nothingCollected(): MeshError {
  return new MeshError('not-found', 'nothing was measured yet that times could be predicted from', {
    hint: 'controller profile collect measures devices; --emulate q1=1,q05=0.5 does without any',
  });
}

/** Samples that tell kernels of these files. */
export async function knownKernels(store: ProfileStore, digests: readonly string[]): Promise<Awaited<ReturnType<ProfileStore['samples']>>> {
  const found = await Promise.all([...new Set(digests)].filter((digest) => digest !== '').map((sha256) => store.samples({ sha256 })));
  return found.flat().filter(({ kernels, kernelsSeen }) => kernels !== undefined || kernelsSeen !== undefined);
}

async function read({ folder }: TrainingOptions, collected: number): Promise<Predictor | undefined> {
  try {
    const { samples, fitted: saved } = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as { samples?: unknown; fitted?: unknown };
    return samples === collected ? new Predictor(fittedFromJson(saved)) : undefined;
  } catch {
    // Not there, of another release, or cut off: it is fitted again.
    return undefined;
  }
}

async function fitted({ folder, store, fitting, warn }: TrainingOptions, collected: number): Promise<Predictor> {
  fitting(collected);
  const samples = await store.samples({ sources: ['collect'] });
  const predictor = fitPredictor(samples, kernelsOfSubjects(samples), { seed: SEED });
  const text = `${JSON.stringify({ samples: collected, fitted: fittedToJson(predictor) })}\n`;
  await writeAside(join(folder, FILE), (aside) => writeFile(aside, text)).catch((error: unknown) =>
    warn(`the fitted profile can't be kept, it is fitted again the next time: ${MeshError.from(error).message}`),
  );
  return predictor;
}
