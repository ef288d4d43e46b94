/** What is said to the worker thread about tasks, their history, alarms and schedules. */
import type { SeriesKey } from '../task/series.ts';
import type { Point, StoredDescriptor, Task, TaskRun } from '../task/task.ts';

/** An alarm as it lies in the database: what it is about in columns, the rest as JSON. */
export interface AlarmRow {
  readonly alarm: string;
  readonly series: SeriesKey;
  readonly state: string;
  readonly changedMs: number;
  readonly facts: string;
}

/** A descriptor that is to run again and again. */
export interface ScheduleRow {
  readonly benchmark: string;
  readonly descriptor: string;
  /** Up to then it is known what was due. */
  readonly consideredMs: number;
}

/** One that runs, and whose controller last said so then. */
export interface SilentTask {
  readonly task: string;
  readonly beatMs: number;
}

export interface TaskFilter {
  readonly benchmark?: string;
  readonly submission?: string;
  readonly status?: Task['status'];
}

export interface PointFilter {
  readonly benchmark?: string;
  readonly task?: string;
}

export type TaskRequest =
  | { readonly kind: 'keep-descriptor'; readonly descriptor: StoredDescriptor }
  | { readonly kind: 'descriptor'; readonly digest: string }
  | { readonly kind: 'descriptors' }
  | { readonly kind: 'add-tasks'; readonly tasks: readonly Task[] }
  | { readonly kind: 'tasks'; readonly filter: TaskFilter }
  | { readonly kind: 'start-task'; readonly task: string; readonly startedMs: number; readonly owner: string }
  | { readonly kind: 'beat-task'; readonly task: string; readonly owner: string; readonly atMs: number }
  | {
      readonly kind: 'end-task';
      readonly task: string;
      readonly status: Task['status'];
      readonly error: string | undefined;
      readonly endedMs: number;
    }
  | { readonly kind: 'cancel-task'; readonly task: string; readonly atMs: number }
  | { readonly kind: 'silent-tasks'; readonly beforeMs: number }
  | { readonly kind: 'bury-tasks'; readonly silent: readonly SilentTask[]; readonly atMs: number }
  | { readonly kind: 'delete-task'; readonly task: string }
  | { readonly kind: 'add-task-run'; readonly task: string; readonly run: TaskRun }
  | { readonly kind: 'task-runs'; readonly task: string }
  | { readonly kind: 'add-points'; readonly points: readonly Point[] }
  | { readonly kind: 'points'; readonly filter: PointFilter }
  | { readonly kind: 'put-alarms'; readonly alarms: readonly AlarmRow[] }
  | { readonly kind: 'alarms'; readonly benchmark: string | undefined }
  | { readonly kind: 'put-schedule'; readonly schedule: ScheduleRow }
  | { readonly kind: 'advance-schedule'; readonly schedule: ScheduleRow; readonly toMs: number; readonly tasks: readonly Task[] }
  | { readonly kind: 'schedules' }
  | { readonly kind: 'delete-schedule'; readonly benchmark: string };

export interface TaskAnswers {
  readonly 'keep-descriptor': undefined;
  readonly descriptor: StoredDescriptor | undefined;
  readonly descriptors: readonly StoredDescriptor[];
  readonly 'add-tasks': undefined;
  /** Newest first. */
  readonly tasks: readonly Task[];
  /** False: somebody else has it, or it was cancelled. */
  readonly 'start-task': boolean;
  /** True: it is to be cancelled. */
  readonly 'beat-task': boolean;
  readonly 'end-task': undefined;
  /** False: it is over. */
  readonly 'cancel-task': boolean;
  readonly 'silent-tasks': readonly SilentTask[];
  /** Names of those whose controller was killed, and of those that waited for it. */
  readonly 'bury-tasks': readonly string[];
  readonly 'delete-task': undefined;
  readonly 'add-task-run': undefined;
  readonly 'task-runs': readonly TaskRun[];
  readonly 'add-points': undefined;
  /** In the order in which they came. */
  readonly points: readonly Point[];
  readonly 'put-alarms': undefined;
  /** Newest first. */
  readonly alarms: readonly AlarmRow[];
  readonly 'put-schedule': undefined;
  /** False: somebody else did, or it is another one by now. */
  readonly 'advance-schedule': boolean;
  readonly schedules: readonly ScheduleRow[];
  readonly 'delete-schedule': boolean;
}
