/** Inference of a model as a workload, and the files that its device needs for it. */
import type { InferenceWorkload } from '../../mesh/bench/order.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { ResolvedModel } from '../../partition/load.ts';
import { modelFilesOf } from '../files/model-files.ts';
import { modelSubject } from '../profile/subjects/whole-model.ts';
import type { Subject } from '../profiler/sample.ts';
import { modelInterface } from './inputs.ts';

export interface PreparedWorkload<W> {
  readonly workload: W;
  /** For a person. */
  readonly title: string;
  /** Blob → where it lies here. */
  readonly paths: ReadonlyMap<Blob, string>;
  /** Of inference: what its times are of. */
  readonly subject?: Subject;
}

export type InferSettings = Pick<InferenceWorkload, 'session' | 'load' | 'findPeak' | 'seed'>;

/** The model's own files as they are: what is measured is what a person has. */
export async function inferWorkload(
  resolved: ResolvedModel,
  settings: InferSettings,
  signal: AbortSignal,
): Promise<PreparedWorkload<InferenceWorkload>> {
  const { model, externalData, paths } = await modelFilesOf(resolved.path, resolved.model, signal);
  return {
    workload: { kind: 'inference', model, externalData, ...modelInterface(resolved), ...settings },
    title: resolved.name,
    paths,
    subject: modelSubject(resolved, model),
  };
}
