/** What is said to the worker thread about sweeps and single benchmark runs. Records travel packed: the thread does not look into them. */
import type { Outcome } from '../../mesh/bench/outcome.ts';
import type { Sweep, SweepRow, SweepSpec, SweepStatus } from '../bench/sweep.ts';

/** A row as it lies in the database. */
export interface PackedRow extends Omit<SweepRow, 'record'> {
  /** Undefined: not tried. */
  readonly result: PackedRecord | undefined;
}

export interface PackedRecord {
  readonly outcome: Outcome['kind'];
  /** A BenchRecord of the wire, deflated. */
  readonly record: Uint8Array;
}

/** A benchmark run of its own, without its record. */
export interface BenchHead {
  readonly bench: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** What ran, for a person. */
  readonly title: string;
  readonly device: string;
  readonly outcome: Outcome['kind'];
}

export interface PackedBench extends BenchHead {
  readonly record: Uint8Array;
}

/** How many rows of a sweep came to that; null: not tried. */
export interface SweepCount {
  readonly sweep: string;
  readonly outcome: Outcome['kind'] | null;
  readonly rows: number;
}

export type BenchRequest =
  | { readonly kind: 'begin-sweep'; readonly sweep: Sweep; readonly rows: readonly PackedRow[] }
  | { readonly kind: 'add-sweep-row'; readonly sweep: string; readonly row: PackedRow }
  | { readonly kind: 'set-sweep-status'; readonly sweep: string; readonly status: SweepStatus; readonly error: string | undefined }
  | { readonly kind: 'reopen-sweep'; readonly sweep: string; readonly spec: SweepSpec }
  | { readonly kind: 'sweeps' }
  | { readonly kind: 'find-sweep'; readonly name: string }
  | { readonly kind: 'sweep-rows'; readonly sweep: string }
  | { readonly kind: 'sweep-counts' }
  | { readonly kind: 'add-bench'; readonly bench: PackedBench }
  | { readonly kind: 'benches' }
  | { readonly kind: 'find-bench'; readonly name: string };

export interface BenchAnswers {
  readonly 'begin-sweep': undefined;
  readonly 'add-sweep-row': undefined;
  readonly 'set-sweep-status': undefined;
  readonly 'reopen-sweep': undefined;
  readonly sweeps: readonly Sweep[];
  readonly 'find-sweep': readonly Sweep[];
  readonly 'sweep-rows': readonly PackedRow[];
  readonly 'sweep-counts': readonly SweepCount[];
  readonly 'add-bench': undefined;
  readonly benches: readonly BenchHead[];
  readonly 'find-bench': readonly PackedBench[];
}
