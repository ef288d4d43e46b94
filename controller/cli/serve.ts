/**
 * `controller serve`: kept alive, it runs what is scheduled.
 *
 *     every second: schedules ── due ──▶ queued ──┐                       missed: while nobody was there; said, and kept as tasks that never ran
 *                                                 ▼
 *     one after the other: oldest queued ──▶ run ──▶ history, alarms
 */
import { setTimeout as wait } from 'node:timers/promises';
import { MeshError } from '../../mesh/error.ts';
import type { DescriptorFile } from '../descriptor/descriptor.ts';
import { readDescriptor } from '../descriptor/read-descriptor.ts';
import type { ScheduleRow } from '../store/task-records.ts';
import { lookAtSchedule } from '../task/look-at-schedule.ts';
import type { StoredDescriptor, Task, TaskStatus } from '../task/task.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { runName } from './run-name.ts';
import { runTask, type TaskTools } from './run-task.ts';
import { timeText } from './schedule-text.ts';
import { tasksOf } from './submit-task.ts';
import { taskPlaceHelp, taskPlaceKinds, withTasks } from './task-tools.ts';
import { watchHistory } from './watch-history.ts';

const help = `Stays, and runs benchmarks when their schedules say so: those that controller bench run FILE.toml was given with a schedule.

Usage: controller serve [OPTION]...

${taskPlaceHelp}

What is due while another task runs waits for its turn. What was due while nobody served is not run later: it is said, and kept in
controller bench list as missed. Schedules may be added, changed (controller bench run FILE.toml again) and deleted (controller bench delete NAME)
meanwhile. Several that share a data folder share the work. SIGTERM or Ctrl-C ends what runs; what waits is run by the next one.
`;

const LOOK_MS = 1_000;
/** A clock that is set back by a little asks for nothing twice. One that was wrong by days would not ask for anything for days. */
const SET_BACK_MS = 3 * 3_600_000;
/** A schedule that asks for more than can be run would fill the queue for ever. */
const WAITING_MAX = 100;

export const serveCommand: Command = {
  help,
  async run(argv, io) {
    const { values } = parseOptions('serve', argv, taskPlaceKinds, 0);
    return await withTasks(values, io, async (tools) => {
      await sayBuried(tools);
      tools.say(await greeting(tools));
      // Whichever ends first, by an error or by a signal, ends the other one.
      const over = new AbortController();
      const signal = AbortSignal.any([io.signal, over.signal]);
      const both = [watchSchedules(tools, signal), runQueue(tools, signal)].map((loop) => loop.finally(() => over.abort()));
      const ended = await Promise.allSettled(both);
      const failed = ended.find((each) => each.status === 'rejected' && !io.signal.aborted);
      if (failed?.status === 'rejected') throw failed.reason;
      tools.say('ended');
      return 0;
    });
  },
};

async function sayBuried({ tasks, io, say }: TaskTools): Promise<void> {
  for (const task of await tasks.bury(io.wallClock())) say(`task ${task}: its controller ended before it`);
}

async function greeting({ tasks, io }: TaskTools): Promise<string> {
  const schedules = await tasks.schedules();
  const waiting = await tasks.tasks({ status: 'queued' });
  const next = await Promise.all(schedules.map((row) => nextOf(row, tasks, io.wallClock())));
  const first = Math.min(...next.map((each) => each ?? Number.POSITIVE_INFINITY));
  const when = Number.isFinite(first) ? `, next at ${timeText(first)}` : '';
  return `serving ${schedules.length} ${schedules.length === 1 ? 'schedule' : 'schedules'}${when}; ${waiting.length} tasks wait`;
}

/** Undefined also when it can't be read, which is said when it is looked at. */
async function nextOf({ descriptor }: ScheduleRow, tasks: TaskTools['tasks'], nowMs: number): Promise<number | undefined> {
  try {
    return readDescriptor(await tasks.descriptor(descriptor)).schedule?.next(nowMs);
  } catch {
    return undefined;
  }
}

async function watchSchedules(tools: TaskTools, signal: AbortSignal): Promise<void> {
  const complained = new Set<string>();
  const known = new Map<string, Known>();
  while (!signal.aborted) {
    await sayBuried(tools);
    for (const row of await tools.tasks.schedules()) {
      // One that can't be read any more keeps nobody from the others; it is said once.
      await look(row, tools, known).catch((error: unknown) => {
        if (!complained.has(row.descriptor)) tools.say(`${row.benchmark}: can't be run: ${MeshError.from(error).message}`);
        complained.add(row.descriptor);
      });
    }
    await wait(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** A descriptor never changes; one with a large sweep takes a second to read. */
interface Known {
  readonly stored: StoredDescriptor;
  readonly file: DescriptorFile;
}

async function knownOf(digest: string, tasks: TaskTools['tasks'], known: Map<string, Known>): Promise<Known> {
  const before = known.get(digest);
  if (before !== undefined) return before;
  const stored = await tasks.descriptor(digest);
  const read = { stored, file: readDescriptor(stored) };
  known.set(digest, read);
  return read;
}

async function look(row: ScheduleRow, { tasks, io, say }: TaskTools, known: Map<string, Known>): Promise<void> {
  const { stored, file } = await knownOf(row.descriptor, tasks, known);
  const { schedule, combinations } = file;
  const nowMs = io.wallClock();
  if (row.consideredMs - nowMs > SET_BACK_MS) {
    say(`${row.benchmark}: the clock was set back by more than ${SET_BACK_MS / 3_600_000} hours: its schedule goes on from now`);
    await tasks.advanceSchedule(row, nowMs, []);
    return;
  }
  const { run, missed, moreMissed } = lookAtSchedule(schedule!, row.consideredMs, nowMs);
  if (run.length + missed.length === 0) return;
  const make = (dueMs: number, status: TaskStatus, error: string | undefined): readonly Task[] =>
    tasksOf(stored, combinations, { submission: runName(dueMs), origin: 'schedule', dueMs }).map((task) => ({ ...task, status, error }));
  const before = moreMissed === 0 ? '' : `, and ${moreMissed} before`;
  const lost = missed.flatMap((dueMs) => make(dueMs, 'missed', `no controller served then${before}`));
  const waiting = (await tasks.tasks({ status: 'queued' })).filter(({ descriptor }) => descriptor === row.descriptor).length;
  const full = waiting >= WAITING_MAX;
  const due = run.flatMap((dueMs) => make(dueMs, full ? 'missed' : 'queued', full ? `${waiting} tasks of it wait already` : undefined));
  // Whoever is first takes care of them; the other one has nothing to do.
  if (!(await tasks.advanceSchedule(row, nowMs, [...lost, ...due]))) return;
  if (missed.length > 0) say(`${row.benchmark}: missed ${missed.map(timeText).join(', ')}${before}: no controller served then`);
  for (const dueMs of run) {
    if (full) say(`${row.benchmark}: missed ${timeText(dueMs)}: ${waiting} tasks of it wait already`);
    else if (waiting > 0) say(`${row.benchmark}: due at ${timeText(dueMs)}, waits for ${waiting} before it`);
  }
}

async function runQueue(tools: TaskTools, signal: AbortSignal): Promise<void> {
  const { tasks, say } = tools;
  while (!signal.aborted) {
    const next = (await tasks.tasks({ status: 'queued' })).filter(({ origin }) => origin === 'schedule').at(-1);
    if (next === undefined) await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    else
      await runOne(next, { ...tools, io: { ...tools.io, signal } }).catch(async (error: unknown) => {
        if (signal.aborted) return;
        say(`task ${next.task}: ${MeshError.from(error).message}`);
        // One that can't even be begun is tried again, but not all the time.
        await wait(LOOK_MS, undefined, { signal }).catch(() => {});
      });
  }
}

async function runOne(task: Task, tools: TaskTools): Promise<void> {
  const { say, io } = tools;
  say(`task ${task.task}: ${task.benchmark}, due at ${timeText(task.dueMs)}`);
  const end = await runTask(task, tools);
  if (end === undefined) return;
  say(`task ${task.task}: ${end.status}${end.error === undefined ? '' : `: ${end.error}`}`);
  if (end.status === 'done' && !io.signal.aborted) await watchHistory(task, end.points, tools);
}
