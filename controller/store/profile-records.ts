/** What is said to the worker thread about collections and samples. Kernels travel packed: the thread does not look into them. */
import type { Collection, CollectionStatus, Job, JobState } from '../profile/collection.ts';
import type { Sample, Subject } from '../profiler/sample.ts';

/** A sample as it lies in the database. */
export interface PackedSample {
  readonly sample: Omit<Sample, 'kernels' | 'kernelsSeen'>;
  /** Undefined: none. */
  readonly kernels: PackedKernels | undefined;
}

export interface PackedKernels {
  /** SHA-256 of its list, hexadecimal. */
  readonly digest: string;
  /** Microseconds of each as float64; undefined: seen, not timed. */
  readonly us: Uint8Array | undefined;
}

/** Kernels as JSON, deflated. */
export interface KernelList {
  readonly digest: string;
  readonly list: Uint8Array;
}

export interface PackedSamples {
  readonly samples: readonly PackedSample[];
  /** All that the samples refer to. */
  readonly lists: readonly KernelList[];
}

/** Absent: any. */
export interface SampleFilter {
  readonly sources?: readonly Sample['source'][];
  readonly kinds?: readonly Subject['kind'][];
  readonly devices?: readonly string[];
  /** The name of a collection, run or benchmark. */
  readonly run?: string;
  /** Of the subject's file, hexadecimal. */
  readonly sha256?: string;
  /** Milliseconds since 1970: not older. */
  readonly sinceMs?: number;
}

/** How many samples there are. */
export interface SampleCount extends Pick<Sample, 'run' | 'source'> {
  readonly device: string;
  readonly kind: Subject['kind'];
  readonly samples: number;
}

export type ProfileRequest =
  | { readonly kind: 'begin-collection'; readonly collection: Collection; readonly jobs: readonly Job[] }
  | { readonly kind: 'set-collection-status'; readonly collection: string; readonly status: CollectionStatus; readonly error?: string }
  | { readonly kind: 'collections' }
  | { readonly kind: 'collection-jobs'; readonly collection: string }
  | { readonly kind: 'fail-job'; readonly collection: string; readonly job: number; readonly failure: string }
  /** `job`: of the collection that the samples are of; it is done. */
  | { readonly kind: 'add-samples'; readonly packed: PackedSamples; readonly job?: number }
  | { readonly kind: 'samples'; readonly filter: SampleFilter }
  | { readonly kind: 'sample-counts' };

export interface ProfileAnswers {
  readonly 'begin-collection': undefined;
  readonly 'set-collection-status': undefined;
  readonly collections: readonly Collection[];
  readonly 'collection-jobs': readonly JobState[];
  readonly 'fail-job': undefined;
  readonly 'add-samples': undefined;
  readonly samples: PackedSamples;
  readonly 'sample-counts': readonly SampleCount[];
}
