/**
 * `controller bench run FILE.toml | ID`: a descriptor from its file, or the very same again.
 *
 *     FILE ──▶ all that it reads is kept ──▶ tasks ──▶ one after the other ──▶ results, alarms          a schedule: controller serve runs it
 *     ID   ──▶ what was kept then ──────────▶
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { readDescriptor } from '../descriptor/read-descriptor.ts';
import { resultsText, type TaskResult, taskResult } from '../report/task-results.ts';
import type { AlarmRecord } from '../task/alarm-record.ts';
import type { StoredDescriptor, Task } from '../task/task.ts';
import type { Io } from './command.ts';
import { runName } from './run-name.ts';
import { runTask, type TaskTools } from './run-task.ts';
import { scheduledText } from './schedule-text.ts';
import { isDescriptor, loadDescriptor, storeDescriptor, tasksOf } from './submit-task.ts';
import { tasksNamed } from './task-named.ts';
import { type TaskPlace, withTasks } from './task-tools.ts';
import { watchHistory } from './watch-history.ts';

/** Something got worse: whoever runs benchmarks for each change wants to know. */
export const EXIT_ALARM = 3;

export interface RunDescriptorValues extends TaskPlace {
  readonly json?: boolean | undefined;
  /** Although it has a schedule. */
  readonly now?: boolean | undefined;
}

/** `what`: a file, or the name of a task or submission. */
export async function runDescriptor(what: string, values: RunDescriptorValues, io: Io): Promise<number> {
  // Before anything is opened: most that is wrong is wrong in the file.
  const loaded = isDescriptor(what) ? await loadDescriptor(what) : undefined;
  if (loaded === undefined && existsSync(what))
    throw new MeshError('usage', `${what} is a file, and no descriptor: those are called NAME.toml`, {
      hint: `a program stands behind --: controller bench run -- ${resolve(what)}`,
    });
  return await withTasks(values, io, async (tools) => {
    const { tasks, shelf, say } = tools;
    if (loaded === undefined) {
      const again = await tasksNamed(what, tasks);
      return await runAll(await repeated(again, io, tasks), values, tools);
    }
    const stored = await storeDescriptor(loaded, shelf, io, say);
    await tasks.keepDescriptor(stored);
    const { file } = loaded;
    if (file.schedule !== undefined && values.now !== true) {
      await tasks.putSchedule({ benchmark: file.taskName, descriptor: stored.digest, consideredMs: io.wallClock() });
      io.stdout(scheduledText(file, io.wallClock()));
      return 0;
    }
    const named = { submission: runName(io.wallClock()), origin: 'hand' as const, dueMs: io.wallClock() };
    const made = tasksOf(stored, file.combinations, named);
    await tasks.add(made);
    return await runAll(made, values, tools);
  });
}

/** The same combinations of the same descriptors, with all they read then: a confirmation has two. */
async function repeated(again: readonly Task[], io: Io, tasks: TaskTools['tasks']): Promise<readonly Task[]> {
  const made: Task[] = [];
  for (const [descriptor, same] of Map.groupBy(again, (each) => each.descriptor)) {
    const named = { submission: runName(io.wallClock()), origin: 'hand' as const, dueMs: io.wallClock() };
    made.push(...sameTasks(same, await tasks.descriptor(descriptor), named));
  }
  await tasks.add(made);
  return made;
}

export function sameTasks(
  again: readonly Pick<Task, 'assignment'>[],
  stored: StoredDescriptor,
  named: Parameters<typeof tasksOf>[2],
): readonly Task[] {
  const { combinations } = readDescriptor(stored);
  const wanted = new Set(again.map(({ assignment }) => JSON.stringify(assignment)));
  return tasksOf(
    stored,
    combinations.filter(({ assignment }) => wanted.has(JSON.stringify(assignment))),
    named,
  );
}

async function runAll(made: readonly Task[], { json = false }: RunDescriptorValues, tools: TaskTools): Promise<number> {
  const { tasks, io, say } = tools;
  const results: TaskResult[] = [];
  const raised: AlarmRecord[] = [];
  let unjudged = false;
  if (made.length > 1) say(`${made.length} tasks of ${made[0]!.submission}; controller bench cancel ${made[0]!.submission} ends them`);
  try {
    for (const task of made) {
      io.signal.throwIfAborted();
      say(`task ${task.task}: ${task.benchmark}`);
      const end = await runTask(task, tools);
      if (end?.status === 'done') {
        try {
          raised.push(...(await watchHistory(task, end.points, tools)));
        } catch (error) {
          io.signal.throwIfAborted();
          // It was measured, whatever became of its history; and the others wait.
          io.stderr(`controller: error: the history of ${task.benchmark} can't be judged: ${MeshError.from(error).message}\n`);
          unjudged = true;
        }
      }
      const result = await resultOf(task.task, tasks);
      results.push(result);
      if (!json) io.stdout(`${results.length > 1 ? '\n' : ''}${resultsText([result], io.tableColumns)}`);
      if (!json && end?.status !== 'done') io.stderr(`controller: error: task ${task.task}: ${result.error ?? 'somebody else runs it'}\n`);
    }
  } finally {
    // Ctrl-C ends them all: those that wait would wait for ever.
    for (const task of made.slice(results.length)) await tasks.cancel(task.task, io.wallClock());
  }
  if (json) io.stdout(`${JSON.stringify({ tasks: results, alarms: raised }, undefined, 2)}\n`);
  if (unjudged || results.some(({ status }) => status !== 'done')) return 1;
  return raised.length > 0 ? EXIT_ALARM : 0;
}

export async function resultOf(name: string, tasks: TaskTools['tasks']): Promise<TaskResult> {
  const [task] = await tasks.find(name);
  const history = await tasks.points({ benchmark: task!.benchmark });
  return taskResult(
    task!,
    history.filter((point) => point.task === name),
    history,
  );
}
