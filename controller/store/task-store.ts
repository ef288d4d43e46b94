/**
 * Executions of descriptors, on disk: what was asked for, what came of it, what it added to histories, what was noticed there. Several controllers share it: a
 * task is run by whoever starts it first, and stops when anybody asks for that.
 *
 *     add: queued ──▶ start ──▶ beat … beat ──▶ end          ✗ killed: no beat for a while ──▶ bury
 */
import { setTimeout as wait } from 'node:timers/promises';
import { MeshError } from '../../mesh/error.ts';
import type { Point, StoredDescriptor, Task, TaskRun, TaskStatus } from '../task/task.ts';
import type { AlarmRow, PointFilter, ScheduleRow, TaskAnswers, TaskFilter } from './task-records.ts';
import { theOne } from './the-one.ts';
import { StoreThread } from './thread.ts';

/** How often whoever runs a task says that it lives. */
export const BEAT_MS = 1_000;
/** A machine may be busy with what it measures, or asleep for a moment. */
const DEAD_MS = 60_000;
/** By this machine's timers, which do not sleep alone. */
const LAST_CALL_MS = 2 * BEAT_MS;

const HINT = 'controller bench list lists them';

export class TaskStore implements AsyncDisposable {
  readonly #thread: StoreThread;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /** In this folder, which is made. Errors of the database itself come with the first request. */
  static async open(folder: string): Promise<TaskStore> {
    return new TaskStore(await StoreThread.start(folder));
  }

  /** Idempotent. */
  keepDescriptor(descriptor: StoredDescriptor): Promise<undefined> {
    return this.#thread.ask({ kind: 'keep-descriptor', descriptor });
  }

  /** Error `not-found`. */
  async descriptor(digest: string): Promise<StoredDescriptor> {
    const found = await this.#thread.ask({ kind: 'descriptor', digest });
    if (found === undefined) throw new MeshError('not-found', `there is no descriptor ${digest.slice(0, 12)}`);
    return found;
  }

  /** All that some task or schedule still needs. */
  descriptors(): Promise<readonly StoredDescriptor[]> {
    return this.#thread.ask({ kind: 'descriptors' });
  }

  /** Their descriptor is kept already. */
  add(tasks: readonly Task[]): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-tasks', tasks });
  }

  /** Newest first. */
  tasks(filter: TaskFilter = {}): Promise<readonly Task[]> {
    return this.#thread.ask({ kind: 'tasks', filter });
  }

  /** The tasks of this name, of this submission, or of the beginning of one; `last` is the newest that is no confirmation. Errors `not-found`; `usage` when several begin so. */
  async find(name: string): Promise<readonly Task[]> {
    const all = await this.tasks();
    const exact = all.filter(({ task }) => task === name);
    if (exact.length > 0) return exact;
    // Of a run whose alarm was confirmed, that run: nobody asked for what was measured again by a name of its own.
    const asked = all.filter(({ origin }) => origin !== 'confirmation');
    const near = name === 'last' ? asked.slice(0, 1) : all.filter((each) => each.submission.startsWith(name) || each.task.startsWith(name));
    const single = near.filter(({ task }) => task.startsWith(name));
    const submissions = [...new Set(near.map(({ submission }) => submission))];
    if (submissions.length !== 1 && single.length === 1) return single;
    const found = theOne({ what: 'task', name, found: submissions, nameOf: (each) => each, hint: HINT });
    return all.filter(({ submission }) => submission === found).toSorted((a, b) => a.task.localeCompare(b.task, 'en', { numeric: true }));
  }

  /** False: somebody else runs it, or it was cancelled before. */
  start(task: string, owner: string, startedMs: number): Promise<boolean> {
    return this.#thread.ask({ kind: 'start-task', task, owner, startedMs });
  }

  /** True: it is to stop. */
  beat(task: string, owner: string, atMs: number): Promise<boolean> {
    return this.#thread.ask({ kind: 'beat-task', task, owner, atMs });
  }

  end(task: string, status: TaskStatus, error: string | undefined, endedMs: number): Promise<undefined> {
    return this.#thread.ask({ kind: 'end-task', task, status, error, endedMs });
  }

  /** One that waits never begins; whoever runs it is told with the next beat. False: it is over already. */
  cancel(task: string, atMs: number): Promise<boolean> {
    return this.#thread.ask({ kind: 'cancel-task', task, atMs });
  }

  /** Names of tasks whose controller was killed: they are said to have failed. Takes a moment when there seem to be some. */
  async bury(nowMs: number): Promise<readonly string[]> {
    const silent = await this.#thread.ask({ kind: 'silent-tasks', beforeMs: nowMs - DEAD_MS });
    if (silent.length === 0) return [];
    // When the clock was set forward, or this machine slept, all seem to be silent; those that live say so now.
    await wait(LAST_CALL_MS);
    return await this.#thread.ask({ kind: 'bury-tasks', silent, atMs: nowMs });
  }

  /** With its runs, and what it added to histories. */
  delete(task: string): Promise<undefined> {
    return this.#thread.ask({ kind: 'delete-task', task });
  }

  addRun(task: string, run: TaskRun): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-task-run', task, run });
  }

  runs(task: string): Promise<readonly TaskRun[]> {
    return this.#thread.ask({ kind: 'task-runs', task });
  }

  addPoints(points: readonly Point[]): Promise<undefined> {
    return this.#thread.ask({ kind: 'add-points', points });
  }

  /** In the order in which they came. */
  points(filter: PointFilter): Promise<readonly Point[]> {
    return this.#thread.ask({ kind: 'points', filter });
  }

  putAlarms(alarms: readonly AlarmRow[]): Promise<undefined> {
    return this.#thread.ask({ kind: 'put-alarms', alarms });
  }

  /** Newest first; of one benchmark or of all. */
  alarms(benchmark?: string): Promise<readonly AlarmRow[]> {
    return this.#thread.ask({ kind: 'alarms', benchmark });
  }

  putSchedule(schedule: ScheduleRow): Promise<undefined> {
    return this.#thread.ask({ kind: 'put-schedule', schedule });
  }

  /** What was due up to then is taken care of by these, which are added at the same moment; false: somebody else did. */
  advanceSchedule(schedule: ScheduleRow, toMs: number, tasks: readonly Task[]): Promise<boolean> {
    return this.#thread.ask({ kind: 'advance-schedule', schedule, toMs, tasks });
  }

  schedules(): Promise<TaskAnswers['schedules']> {
    return this.#thread.ask({ kind: 'schedules' });
  }

  /** False: there was none. */
  deleteSchedule(benchmark: string): Promise<boolean> {
    return this.#thread.ask({ kind: 'delete-schedule', benchmark });
  }

  /** Resolves when everything asked before is written. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
