/**
 * A sweep: the same workload again and again while one limit changes. What is to be tried is a row from the beginning, whatever comes of it; so what
 * was killed for want of memory, what was refused and what was never tried never look alike.
 *
 *     limits × variants × repeats:   1024 MiB, cold, 1 ── ok      960 MiB, cold, 1 ── ok   …   64 MiB, cold, 5 ── (not tried)
 */
import type { BenchLimits, PageCache } from '../../mesh/bench/order.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { LoadSettings } from '../../mesh/loadgen/scenario.ts';
import type { TrainingSpec } from './training-spec.ts';

/** In the unit of the limit: MiB for memory, cores for CPU. */
export type LimitValue = number;

export interface Sweep {
  readonly sweep: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly spec: SweepSpec;
  /** `unfinished`: still going on, or its controller was killed. */
  readonly status: SweepStatus;
  readonly error: string | undefined;
}

export type SweepStatus = 'unfinished' | 'done' | 'failed' | 'cancelled';

/** Enough to go on with it where it stopped. */
export interface SweepSpec {
  /** A name that sweeps of one command have in common: several models, or training and then inference. Absent: it stands alone. */
  readonly study?: string;
  readonly workload: SweepWorkload;
  readonly device: string;
  readonly limit: 'memory' | 'cpu';
  readonly search: SweepSearch;
  readonly variants: readonly SweepVariant[];
  /** Besides the one that changes. */
  readonly limits: BenchLimits;
  readonly deadlineMs: number;
  readonly besideStages: boolean;
}

export type SweepSearch =
  /** All of them; `repeat` times each, in rounds, so that what drifts with time does not look like an effect of the limit. */
  | { readonly kind: 'steps'; readonly values: readonly LimitValue[]; readonly repeat: number }
  /** Bisection for the smallest that holds. */
  | { readonly kind: 'minimum'; readonly from: LimitValue; readonly floor: LimitValue };

export interface SweepVariant {
  readonly pageCache: PageCache;
  /** Undefined: none is allowed, or memory is not limited. */
  readonly swapBytes: number | undefined;
}

export type SweepWorkload = InferSweep | TrainSweep;

/** What `--mode infer` computes. */
export interface InferSweep {
  readonly mode: 'infer';
  /** As the person named it. */
  readonly model: string;
  /** The training whose best model is measured; absent: the model as it is. */
  readonly trained?: string;
  /** Of its file, in hexadecimal: a sweep that is resumed measures the same model, or none. */
  readonly sha256: string;
  readonly load: LoadSettings;
  /** 0: as many as whole cores are available. */
  readonly threads: number;
  readonly seed: number;
}

/** What `--mode train` computes: the same training again and again. */
export interface TrainSweep {
  readonly mode: 'train';
  /** As the person named it. */
  readonly model: string;
  /** Of all that its losses depend on (Progress.fingerprint): a sweep that is resumed trains the same, or nothing. */
  readonly sha256: string;
  readonly training: TrainingSpec;
}

export interface SweepRow {
  /** Counts the rows of a sweep in the order they are tried. */
  readonly row: number;
  readonly value: LimitValue;
  readonly variant: SweepVariant;
  /** From 1. */
  readonly repeat: number;
  /** Undefined: not tried, or not yet. */
  readonly record: BenchRecord | undefined;
}
