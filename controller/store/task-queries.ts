/** Reading and writing tasks and schedules: SQL in, plain data out. Synchronous; the worker thread calls it. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { MeshError } from '../../mesh/error.ts';
import type { StoredDescriptor, Task, TaskRun } from '../task/task.ts';
import { addPoints, alarmsOf, pointsOf, putAlarms } from './history-queries.ts';
import type { StoreRequest } from './records.ts';
import type { ScheduleRow, SilentTask, TaskAnswers, TaskFilter, TaskRequest } from './task-records.ts';
import { inTransaction } from './transaction.ts';

type Kind = TaskRequest['kind'];
type Asked<K extends Kind> = Extract<TaskRequest, { kind: K }>;

const answers: { readonly [K in Kind]: (database: DatabaseSync, request: Asked<K>) => TaskAnswers[K] } = {
  'keep-descriptor': keepDescriptor,
  descriptor: descriptorOf,
  descriptors: (database) => database.prepare('SELECT digest, name, text, sources FROM descriptor').all().map(storedOf),
  'add-tasks': addTasks,
  tasks: (database, { filter }) => tasksOf(database, filter),
  'start-task': start,
  'beat-task': beat,
  'end-task': end,
  'cancel-task': cancel,
  'silent-tasks': silent,
  'bury-tasks': bury,
  'delete-task': remove,
  'add-task-run': addRun,
  'task-runs': (database, { task }) => runsOf(database, task),
  'add-points': (database, { points }) => addPoints(database, points),
  points: (database, { filter }) => pointsOf(database, filter),
  'put-alarms': (database, { alarms }) => putAlarms(database, alarms),
  alarms: (database, { benchmark }) => alarmsOf(database, benchmark),
  'put-schedule': putSchedule,
  'advance-schedule': advance,
  schedules: (database) =>
    database
      .prepare('SELECT benchmark, descriptor, considered_ms AS consideredMs FROM schedule ORDER BY benchmark')
      .all() as unknown as ScheduleRow[],
  'delete-schedule': (database, { benchmark }) => database.prepare('DELETE FROM schedule WHERE benchmark = ?').run(benchmark).changes > 0,
};

export function isTaskRequest(request: StoreRequest): request is TaskRequest {
  return Object.hasOwn(answers, request.kind);
}

export function answerOfTasks(database: DatabaseSync, request: TaskRequest): TaskAnswers[Kind] {
  const work = answers[request.kind] as (database: DatabaseSync, request: TaskRequest) => TaskAnswers[Kind];
  return work(database, request);
}

function keepDescriptor(database: DatabaseSync, { descriptor }: Asked<'keep-descriptor'>): undefined {
  const { digest, name, text, sources } = descriptor;
  database
    .prepare('INSERT OR IGNORE INTO descriptor (digest, name, text, sources) VALUES (?, ?, ?, ?)')
    .run(digest, name, text, JSON.stringify(sources));
}

function descriptorOf(database: DatabaseSync, { digest }: Asked<'descriptor'>): StoredDescriptor | undefined {
  const row = database.prepare('SELECT digest, name, text, sources FROM descriptor WHERE digest = ?').get(digest);
  return row === undefined ? undefined : storedOf(row);
}

function storedOf(row: Record<string, SQLOutputValue>): StoredDescriptor {
  return { ...(row as unknown as StoredDescriptor), sources: JSON.parse(row.sources as string) as StoredDescriptor['sources'] };
}

const columns = [
  'task',
  'submission',
  'benchmark',
  'descriptor',
  'assignment',
  'origin',
  'due_ms',
  'started_ms',
  'ended_ms',
  'status',
  'error',
];

function addTasks(database: DatabaseSync, { tasks }: Asked<'add-tasks'>): undefined {
  inTransaction(database, () => insertTasks(database, tasks));
}

function insertTasks(database: DatabaseSync, tasks: readonly Task[]): undefined {
  const insert = database.prepare(`INSERT INTO task (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
  for (const { task, submission, benchmark, descriptor, assignment, origin, dueMs, startedMs, endedMs, status, error } of tasks) {
    const times = [dueMs, startedMs ?? null, endedMs ?? null];
    insert.run(task, submission, benchmark, descriptor, JSON.stringify(assignment), origin, ...times, status, error ?? null);
  }
}

function tasksOf(database: DatabaseSync, filter: TaskFilter): Task[] {
  const terms = Object.entries(filter).filter(([, value]) => value !== undefined) as [string, SQLInputValue][];
  const where = terms.length === 0 ? '' : `WHERE ${terms.map(([column]) => `${column} = ?`).join(' AND ')}`;
  const order = 'ORDER BY COALESCE(started_ms, due_ms) DESC, rowid DESC';
  const found = database.prepare(`SELECT ${columns.join(', ')} FROM task ${where} ${order}`).all(...terms.map(([, value]) => value));
  return found.map(taskOf);
}

function taskOf(row: Record<string, SQLOutputValue>): Task {
  return {
    task: row.task as string,
    submission: row.submission as string,
    benchmark: row.benchmark as string,
    descriptor: row.descriptor as string,
    assignment: JSON.parse(row.assignment as string) as Task['assignment'],
    origin: row.origin as Task['origin'],
    dueMs: row.due_ms as number,
    startedMs: (row.started_ms as number | null) ?? undefined,
    endedMs: (row.ended_ms as number | null) ?? undefined,
    status: row.status as Task['status'],
    error: (row.error as string | null) ?? undefined,
  };
}

function start(database: DatabaseSync, { task, startedMs, owner }: Asked<'start-task'>): boolean {
  const update = database.prepare(
    "UPDATE task SET status = 'running', started_ms = ?, beat_ms = ?, owner = ? WHERE task = ? AND status = 'queued'",
  );
  return update.run(startedMs, startedMs, owner, task).changes > 0;
}

function beat(database: DatabaseSync, { task, owner, atMs }: Asked<'beat-task'>): boolean {
  database.prepare('UPDATE task SET beat_ms = ? WHERE task = ? AND owner = ?').run(atMs, task, owner);
  const row = database.prepare('SELECT cancel, owner, status FROM task WHERE task = ?').get(task);
  // One that was deleted, or taken for dead, is nobody's any more.
  return row === undefined || row.cancel === 1 || row.owner !== owner || row.status !== 'running';
}

function end(database: DatabaseSync, { task, status, error, endedMs }: Asked<'end-task'>): undefined {
  database.prepare('UPDATE task SET status = ?, error = ?, ended_ms = ? WHERE task = ?').run(status, error ?? null, endedMs, task);
}

function cancel(database: DatabaseSync, { task, atMs }: Asked<'cancel-task'>): boolean {
  return inTransaction(database, () => {
    const row = database.prepare('SELECT status FROM task WHERE task = ?').get(task);
    if (row === undefined) throw new MeshError('not-found', `there is no task "${task}"`);
    if (row.status === 'queued') {
      database
        .prepare("UPDATE task SET status = 'cancelled', error = 'cancelled before it began', ended_ms = ? WHERE task = ?")
        .run(atMs, task);
      return true;
    }
    return database.prepare("UPDATE task SET cancel = 1 WHERE task = ? AND status = 'running'").run(task).changes > 0;
  });
}

/** Whoever runs them has not said for long that it lives. */
function silent(database: DatabaseSync, { beforeMs }: Asked<'silent-tasks'>): readonly SilentTask[] {
  return database
    .prepare("SELECT task, beat_ms AS beatMs FROM task WHERE status = 'running' AND beat_ms < ? ORDER BY rowid")
    .all(beforeMs) as unknown as SilentTask[];
}

/** Those that have said nothing since. What was asked for at once, and waits for whoever ran them, never begins; what a schedule asked for is run by others. */
function bury(database: DatabaseSync, { silent: found, atMs }: Asked<'bury-tasks'>): readonly string[] {
  return inTransaction(database, () => {
    const end = "SET status = 'failed', error = 'its controller ended before it', ended_ms = ?";
    const dead = database.prepare(`UPDATE task ${end} WHERE task = ? AND status = 'running' AND beat_ms = ? RETURNING task`);
    const left = database.prepare(
      `UPDATE task ${end} WHERE status = 'queued' AND origin <> 'schedule' AND submission = (SELECT submission FROM task WHERE task = ?) RETURNING task`,
    );
    const buried = found.filter(({ task, beatMs }) => dead.all(atMs, task, beatMs).length > 0);
    return buried.flatMap(({ task }) => [task, ...left.all(atMs, task).map((row) => row.task as string)]);
  });
}

/** With its runs and what it added to histories. */
function remove(database: DatabaseSync, { task }: Asked<'delete-task'>): undefined {
  inTransaction(database, () => {
    database.prepare("DELETE FROM bench WHERE bench IN (SELECT run FROM task_run WHERE task = ? AND kind = 'bench')").run(task);
    const runs = "SELECT run FROM task_run WHERE task = :task AND kind = 'run'";
    const all = `SELECT run FROM run WHERE run IN (${runs}) OR parent IN (${runs})`;
    for (const table of ['frame', 'stage_frame', 'link_frame', 'run'])
      database.prepare(`DELETE FROM ${table} WHERE run IN (${all})`).run({ task });
    for (const table of ['task_run', 'point', 'task']) database.prepare(`DELETE FROM ${table} WHERE task = ?`).run(task);
    database.exec(
      'DELETE FROM descriptor WHERE digest NOT IN (SELECT descriptor FROM task) AND digest NOT IN (SELECT descriptor FROM schedule)',
    );
  });
}

function addRun(database: DatabaseSync, { task, run }: Asked<'add-task-run'>): undefined {
  database
    .prepare('INSERT OR REPLACE INTO task_run (task, repeat, rank, kind, run) VALUES (?, ?, ?, ?, ?)')
    .run(task, run.repeat, run.rank, run.kind, run.run);
}

function runsOf(database: DatabaseSync, task: string): TaskRun[] {
  return database
    .prepare('SELECT repeat, rank, kind, run FROM task_run WHERE task = ? ORDER BY repeat, rank')
    .all(task) as unknown as TaskRun[];
}

function putSchedule(database: DatabaseSync, { schedule }: Asked<'put-schedule'>): undefined {
  const { benchmark, descriptor, consideredMs } = schedule;
  database
    .prepare('INSERT OR REPLACE INTO schedule (benchmark, descriptor, considered_ms) VALUES (?, ?, ?)')
    .run(benchmark, descriptor, consideredMs);
}

/** All at once: whoever is killed in between has neither lost what was due, nor run it twice. */
function advance(database: DatabaseSync, { schedule, toMs, tasks }: Asked<'advance-schedule'>): boolean {
  const { benchmark, descriptor, consideredMs } = schedule;
  return inTransaction(database, () => {
    const { changes } = database
      .prepare('UPDATE schedule SET considered_ms = ? WHERE benchmark = ? AND descriptor = ? AND considered_ms = ?')
      .run(toMs, benchmark, descriptor, consideredMs);
    if (changes > 0) insertTasks(database, tasks);
    return changes > 0;
  });
}
