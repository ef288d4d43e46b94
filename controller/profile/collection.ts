/**
 * A collection: what is measured on purpose, so that times can be predicted. All of it is a job from the beginning, whatever comes of it, so that it can go
 * on where it was stopped.
 *
 *     rounds × parts of all subjects × devices × threads × loads, each in an order of chance ──▶ a turn: that part's subjects, there ──▶ jobs
 */
import type { ForeignLoad } from '../profiler/sample.ts';

export interface Collection {
  readonly collection: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly spec: CollectionSpec;
  /** `unfinished`: still going on, or its controller was killed. */
  readonly status: CollectionStatus;
  readonly error: string | undefined;
}

export type CollectionStatus = 'unfinished' | 'done' | 'failed' | 'cancelled';

/** Enough to go on with it where it stopped. */
export interface CollectionSpec {
  readonly devices: readonly CollectedDevice[];
  readonly models: readonly string[];
  /** Of each model. */
  readonly segments: number;
  /** Kernels that are made up. */
  readonly kernels: number;
  readonly rounds: number;
  /** Of inferences, each time that something is measured. Absent: as many as usual. */
  readonly batches?: number;
  readonly loads: readonly ForeignLoad[];
  /** 0: as many as whole cores are available. */
  readonly threads: readonly number[];
  /** Pictures of this folder are what models with picture inputs read; absent: random numbers. */
  readonly images?: string;
  readonly seed: number;
}

/** One of a mesh, or an agent of this machine's own, for the time of the collection. */
export interface CollectedDevice {
  readonly name: string;
  /** Absent: it is in a mesh. */
  readonly emulated?: { readonly quotaCores?: number; readonly memoryBytes?: number };
}

/** To be measured once. Jobs of the same turn are measured one after the other, in one process when nothing goes wrong. */
export interface Job {
  /** Counts the jobs of a collection in their order. */
  readonly job: number;
  /** Counts turns: the same device, threads and load. */
  readonly turn: number;
  readonly device: string;
  readonly threads: number;
  readonly load: ForeignLoad;
  /** See {@link subjectKey}. */
  readonly subject: string;
  /** 1, 2, 3, … */
  readonly execution: number;
  /** The times of its kernels are wanted, too. */
  readonly kernels: boolean;
}

export interface JobState extends Job {
  /** Undefined: not tried. Empty: measured. Else why it could not be. */
  readonly failure: string | undefined;
}
