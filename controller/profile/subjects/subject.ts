/**
 * What a collection measures, ready to be sent to devices.
 *
 *     whole models, probes, made-up kernels: the file as it is          segments: files of a stage, weights beside it
 */
import type { Blob } from '../../../mesh/files/blob.ts';
import { byteLength, type TensorSpec } from '../../../mesh/tensor.ts';
import type { TimingItem } from '../../../mesh/timing/workload.ts';
import type { Subject } from '../../profiler/sample.ts';
import type { Activations } from '../fused-activation.ts';

export interface PreparedSubject {
  /** See {@link subjectKey}. */
  readonly key: string;
  readonly subject: Subject;
  readonly item: TimingItem;
  /** See `withActivations`. */
  readonly activations: Activations;
  /** Blob → where it lies here. */
  readonly paths: ReadonlyMap<Blob, string>;
}

/** What tells a subject from all others of a collection. */
export function subjectKey({ kind, model, part }: Pick<Subject, 'kind' | 'model' | 'part'>): string {
  return `${kind}/${model}/${part}`;
}

/** Of one inference; a dimension that is open is 1. */
export function bytesOfSpecs(specs: readonly TensorSpec[]): number {
  return specs.reduce(
    (sum, { dtype, dims }) =>
      sum +
      byteLength(
        dtype,
        dims.map((dim) => (dim < 0 ? 1 : dim)),
      ),
    0,
  );
}
