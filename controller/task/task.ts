/**
 * One execution of a descriptor: of one of its combinations, on one choice of devices, some times over.
 *
 *     queued ──▶ running ──▶ done | failed | cancelled          missed: its time came while nobody was there to run it
 *
 * A descriptor with a sweep becomes several at once, which share their submission.
 */
import type { Better } from '../history/compare.ts';
import type { SeriesKey } from './series.ts';

export interface Task {
  /** A name that no other has. */
  readonly task: string;
  /** What was asked for at once; of a single task its own name. */
  readonly submission: string;
  /** What history calls it: the descriptor's task name, with the combination of a sweep. */
  readonly benchmark: string;
  /** SHA-256 of the descriptor's text, in hexadecimal. */
  readonly descriptor: string;
  /** Of a sweep: what its names stand for. */
  readonly assignment: Readonly<Record<string, string | number>>;
  readonly origin: TaskOrigin;
  /** When it was asked for, or its schedule said. Milliseconds since 1970, as all times here. */
  readonly dueMs: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly status: TaskStatus;
  /** Of one that failed, was cancelled or missed: why. */
  readonly error: string | undefined;
}

export const taskOrigins = ['hand', 'schedule', 'confirmation'] as const;
export type TaskOrigin = (typeof taskOrigins)[number];

export const taskStatuses = ['queued', 'running', 'done', 'failed', 'cancelled', 'missed'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export function isOver({ status }: Pick<Task, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

/** A descriptor as it was given, and where what it reads is kept: it can be repeated as it was, whatever became of the files. */
export interface StoredDescriptor {
  /** SHA-256 of its text, and of what it reads. */
  readonly digest: string;
  /** Of its file, for messages. */
  readonly name: string;
  readonly text: string;
  /** By the path that the workload knows it by: SHA-256, see source-shelf.ts. */
  readonly sources: Readonly<Record<string, string>>;
}

/** One measuring: a benchmark run on one device, or a run of a mesh. */
export interface TaskRun {
  /** From 1. */
  readonly repeat: number;
  /** Of devices that run together, from 0. */
  readonly rank: number;
  readonly kind: 'bench' | 'run';
  /** Its name in the store. */
  readonly run: string;
}

/** What a task added to the history of one of its metrics. */
export interface Point {
  readonly series: SeriesKey;
  readonly task: string;
  readonly atMs: number;
  /** The median of its repeats. */
  readonly value: number;
  /** One of each repeat, in their order. */
  readonly values: readonly number[];
  readonly unit: string;
  readonly better: Better;
}
