/**
 * All that a collection measures, made from what it is told: the same each time, so that it can go on where it was stopped.
 *
 *     models ──▶ each whole, and segments of it       a number ──▶ made-up kernels       always: probes
 */
import { MeshError } from '../../../mesh/error.ts';
import type { TensorSpec } from '../../../mesh/tensor.ts';
import { type ResolvedModel, resolveModel } from '../../../partition/load.ts';
import type { Model } from '../../../partition/model.ts';
import { Digests } from '../../../partition/stage-files.ts';
import { cachedZooModel } from '../../../partition/zoo/cache.ts';
import type { Subject } from '../../profiler/sample.ts';
import type { CollectionSpec } from '../collection.ts';
import { familyOf, modelName } from './families.ts';
import { madeUpKernels } from './kernels/made-up.ts';
import { probes } from './probes.ts';
import { randomOf } from './seeded.ts';
import { drawSegments, segmentModel, segmentSubject } from './segments.ts';
import type { PreparedSubject } from './subject.ts';
import { wholeModel } from './whole-model.ts';
import { type Frame, withFrames } from './with-frames.ts';

export interface MakeTools {
  /** See `resolveModel`. */
  readonly load: (nameOrPath: string) => Promise<ResolvedModel>;
  /** What a whole model with such inputs shall read; undefined: random numbers. */
  readonly framesFor: (inputs: readonly TensorSpec[]) => Promise<readonly Frame[] | undefined>;
  /** Where files of segments and frames are written. */
  readonly folder: string;
  /** Where made-up models are kept. */
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

/** Raise it when what is made up changes: what was kept of another version is not used. */
const MADE_UP_VERSION = 5;

/** By key. Errors: those of `load`; `usage` when two models have one name. */
export async function makeSubjects(
  spec: Pick<CollectionSpec, 'models' | 'segments' | 'kernels' | 'seed'>,
  tools: MakeTools,
): Promise<ReadonlyMap<string, PreparedSubject>> {
  const made = new Map<string, PreparedSubject>();
  const add = (subject: PreparedSubject): void => {
    if (made.has(subject.key)) throw new MeshError('usage', `two models are called ${subject.subject.model}: which is which?`);
    made.set(subject.key, subject);
  };
  const digests = new Digests();
  for (const name of spec.models) {
    tools.signal.throwIfAborted();
    const resolved = await tools.load(name);
    const model = modelName(resolved.name);
    const whole = await wholeModel(resolved, { kind: 'model', model, family: familyOf(model), part: '' }, tools.signal);
    const frames = await tools.framesFor(whole.item.inputs);
    add(frames === undefined ? whole : await withFrames(whole, frames, tools.folder));
    for (const segment of drawSegments(resolved.layered, spec.segments, randomOf(spec.seed, model))) {
      const stage = segmentModel(resolved.layered, segment);
      if (stage !== undefined) add(await segmentSubject(resolved, stage, tools.folder, digests));
    }
  }
  for (const { kind, number, build } of madeUpKernels(spec.kernels, spec.seed)) {
    const name = `kernels-${MADE_UP_VERSION}-${spec.seed}-${kind}-${number}-${spec.kernels}`;
    add(await madeUp(name, build, { kind: 'kernels', model: kind, family: 'kernels', part: `${number}` }, tools));
  }
  for (const name of Object.keys(probes)) add(await preparedProbe(name, tools));
  return made;
}

/** One of `probes`. */
export function preparedProbe(name: string, tools: Pick<MakeTools, 'cacheDir' | 'signal'>): Promise<PreparedSubject> {
  const what = { kind: 'probe', model: name, family: 'probes', part: '' } as const;
  return madeUp(`probe-${MADE_UP_VERSION}-${name}`, probes[name]!, what, tools);
}

/** Kept as zoo models are: built once. */
async function madeUp(
  name: string,
  build: () => Model,
  what: Pick<Subject, 'kind' | 'model' | 'family' | 'part'>,
  { cacheDir, signal }: Pick<MakeTools, 'cacheDir' | 'signal'>,
): Promise<PreparedSubject> {
  signal.throwIfAborted();
  const path = await cachedZooModel({ name, aliases: [], build }, cacheDir);
  return await wholeModel(await resolveModel(path, { cacheDir }), what, signal);
}
