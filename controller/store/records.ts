/** What the store holds, and what is said to its worker thread. Plain data that survives being sent between threads. */

import type { FrameMeasurement, LinkMeasurement, StageMeasurement } from '../../mesh/measurement.ts';
import type { BenchAnswers, BenchRequest } from './bench-records.ts';
import type { ProfileAnswers, ProfileRequest } from './profile-records.ts';
import type { TaskAnswers, TaskRequest } from './task-records.ts';

export type RunStatus = 'unfinished' | 'done' | 'failed' | 'cancelled';

export interface RunStart {
  readonly run: string;
  /** The run this one was made for. */
  readonly parent: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly model: string;
  /** The plan as JSON. */
  readonly plan: string;
}

export interface RunEnd {
  readonly run: string;
  readonly endedMs: number;
  readonly status: Exclude<RunStatus, 'unfinished'>;
  readonly error: string | undefined;
  /** The report as JSON. */
  readonly report: string | undefined;
}

export interface MeasuredRows {
  readonly frames: readonly FrameMeasurement[];
  readonly stages: readonly StageMeasurement[];
  readonly links: readonly LinkMeasurement[];
}

/** What a run's rows are about. */
export interface RowColumns {
  readonly stages: readonly string[];
  readonly routes: readonly { readonly from: string; readonly to: string }[];
  /** Ids of frames are below. */
  readonly frames: number;
  /** Whether frames say which of the input they were. */
  readonly dropping: boolean;
}

/** Ids of frames: [first, end). */
export interface FrameRange {
  readonly first: number;
  readonly end: number;
}

export interface StoredRun extends Omit<RunStart, 'parent'> {
  /** Undefined: not ended. */
  readonly endedMs: number | undefined;
  /** `unfinished`: still running, or its controller was killed. */
  readonly status: RunStatus;
  readonly error: string | undefined;
  readonly report: string | undefined;
}

export type StoreRequest = RunRequest | BenchRequest | ProfileRequest | TaskRequest;

export type RunRequest =
  | { readonly kind: 'begin'; readonly start: RunStart }
  | { readonly kind: 'add'; readonly run: string; readonly rows: MeasuredRows }
  | { readonly kind: 'end'; readonly end: RunEnd }
  | { readonly kind: 'list' }
  | { readonly kind: 'find'; readonly name: string }
  | { readonly kind: 'columns'; readonly run: string }
  | { readonly kind: 'rows'; readonly run: string; readonly range: FrameRange };

export interface StoreAnswers extends RunAnswers, BenchAnswers, ProfileAnswers, TaskAnswers {}

export interface RunAnswers {
  readonly begin: undefined;
  readonly add: undefined;
  readonly end: undefined;
  readonly list: readonly StoredRun[];
  readonly find: readonly StoredRun[];
  readonly columns: RowColumns;
  readonly rows: MeasuredRows;
}

export interface Envelope {
  readonly id: number;
  readonly request: StoreRequest;
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string; readonly hint: string | undefined } };
