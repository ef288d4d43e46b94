/**
 * Carries a task out: its repeats one after the other, each stored when it is measured, then what they add to histories.
 *
 *     start ──▶ devices ──▶ repeat 1, 2, … ──▶ points ──▶ done          a repeat that does not end well ends it: failed
 *       beat … beat: it lives; is it to stop? ──▶ cancelled
 */
import { randomUUID } from 'node:crypto';
import { MeshError } from '../../mesh/error.ts';
import type { Descriptor } from '../descriptor/descriptor.ts';
import { readDescriptor } from '../descriptor/read-descriptor.ts';
import type { MeshChoice } from '../devices/mesh-choice.ts';
import type { BenchStore } from '../store/bench-store.ts';
import { BEAT_MS, type TaskStore } from '../store/task-store.ts';
import { pointsOf } from '../task/points-of.ts';
import type { SourceShelf } from '../task/source-shelf.ts';
import type { Point, StoredDescriptor, Task } from '../task/task.ts';
import type { Io } from './command.ts';
import { type MeasuredRepeat, measureOnDevices, measurePipeline } from './measure-task.ts';
import { TaskDevices } from './task-devices.ts';
import type { TaskSetting } from './task-setting.ts';

export interface TaskTools {
  readonly tasks: TaskStore;
  readonly bench: BenchStore;
  readonly shelf: SourceShelf;
  readonly choice: MeshChoice;
  /** The data folder. */
  readonly data: string;
  readonly io: Io;
  readonly say: (message: string) => void;
}

export interface TaskEnd {
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly error: string | undefined;
  /** What history gained. */
  readonly points: readonly Point[];
}

/** Undefined: somebody else runs it, or it was cancelled. What goes wrong is its end, and no error; so is it when `io.signal` aborts. */
export async function runTask(task: Task, tools: TaskTools): Promise<TaskEnd | undefined> {
  const { tasks, io } = tools;
  const owner = randomUUID();
  if (!(await tasks.start(task.task, owner, io.wallClock()))) return undefined;
  const stopped = new AbortController();
  const beats = setInterval(() => {
    tasks.beat(task.task, owner, io.wallClock()).then(
      (stop) => {
        if (stop) stopped.abort(new MeshError('cancelled', 'somebody asked for its end'));
      },
      () => {},
    );
  }, BEAT_MS);
  try {
    const signal = AbortSignal.any([io.signal, stopped.signal]);
    const end = await carriedOut(task, { ...tools, io: { ...io, signal } });
    await tasks.end(task.task, end.status, end.error, io.wallClock());
    return end;
  } finally {
    clearInterval(beats);
  }
}

async function carriedOut(task: Task, tools: TaskTools): Promise<TaskEnd> {
  const { tasks, io } = tools;
  const repeats: MeasuredRepeat[] = [];
  try {
    const setting = await settingOf(task, tools);
    await measureAll(task, setting, tools, async (repeat) => {
      repeats.push(repeat);
      for (const run of repeat.runs) await tasks.addRun(task.task, run);
    });
    const failed = repeats.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) return { status: io.signal.aborted ? 'cancelled' : 'failed', error: failed.failure, points: [] };
    const points = pointsOf(task, repeats, io.wallClock());
    // A confirmation measures what history has already.
    if (task.origin !== 'confirmation') await tasks.addPoints(points);
    return { status: 'done', error: undefined, points };
  } catch (error) {
    const { code, message } = MeshError.from(error);
    const cancelled = io.signal.aborted || code === 'cancelled';
    return { status: cancelled ? 'cancelled' : 'failed', error: message, points: [] };
  }
}

async function settingOf(task: Task, { tasks, ...rest }: TaskTools): Promise<TaskSetting> {
  const stored = await tasks.descriptor(task.descriptor);
  return { ...rest, stored, descriptor: descriptorOf(task, stored) };
}

/** Of its combination. Error `invalid` when a newer release wrote it. */
export function descriptorOf({ assignment }: Pick<Task, 'assignment'>, { name, text }: StoredDescriptor): Descriptor {
  const wanted = JSON.stringify(assignment);
  const found = readDescriptor({ name, text }).combinations.find((each) => JSON.stringify(each.assignment) === wanted);
  if (found === undefined) throw new MeshError('invalid', `${name} has no combination ${wanted}`);
  return found.descriptor;
}

/** Ends with the first that does not end well: whoever waits for the others would learn the same again. */
async function measureAll(
  task: Task,
  setting: TaskSetting,
  { tasks, say, io }: TaskTools,
  keep: (repeat: MeasuredRepeat) => Promise<void>,
): Promise<void> {
  const { descriptor } = setting;
  const { hardware, workload, repeat: count } = descriptor;
  const pipeline = hardware.strategy === 'mesh';
  const before = await lastDevices(task, tasks);
  await using devices = pipeline
    ? undefined
    : await TaskDevices.open({
        wanted: hardware,
        ...{ count: hardware.count ?? 1, choice: setting.choice, before },
        ...{ commands: workload.kind === 'program', env: io.env, signal: io.signal },
      });
  for (let repeat = 1; repeat <= count; repeat += 1) {
    if (count > 1) say(`${task.benchmark}: repeat ${repeat} of ${count}`);
    const measured = devices === undefined ? await measurePipeline(setting, repeat) : await measureOnDevices(setting, devices, repeat);
    await keep(measured);
    if (measured.failure !== undefined) return;
  }
}

/** A history goes on where it was. */
async function lastDevices({ benchmark }: Task, tasks: TaskStore): Promise<readonly string[]> {
  const points = await tasks.points({ benchmark });
  return points.at(-1)?.series.device.split('+') ?? [];
}
