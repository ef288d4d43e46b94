/** Executions of benchmarks for `controller report ID…`: tasks, all of a submission, or a benchmark run that belongs to none. */
import { MeshError } from '../../mesh/error.ts';
import { taskHtml } from '../report/task-html.ts';
import { type MeshRun, type Subject, type SubjectRun, taskReportOf } from '../report/task-report.ts';
import { taskTables } from '../report/task-tables.ts';
import { taskText } from '../report/task-text.ts';
import { BenchStore, type StoredBench } from '../store/bench-store.ts';
import { RunStore } from '../store/store.ts';
import { TaskStore } from '../store/task-store.ts';
import type { Task, TaskRun } from '../task/task.ts';
import { fileName, type Shown } from './report-shown.ts';

interface Stores {
  readonly tasks: TaskStore;
  readonly bench: BenchStore;
  /** Where they are: runs of a mesh are looked up only when a task has some. */
  readonly folder: string;
}

/** Each once, however often it is named, in the order of the names. Errors: `not-found`; `usage` for the beginning of several. */
export async function shownTasks(names: readonly string[], folder: string): Promise<Shown> {
  await using tasks = await TaskStore.open(folder);
  await using bench = await BenchStore.open(folder);
  const subjects = await subjectsOf(names, { tasks, bench, folder });
  const report = taskReportOf(subjects);
  const named = subjects.map(({ name }) => name);
  return {
    name: fileName(`report-${named.length > 3 ? `${named[0]}+${named.length - 1}` : named.join('+')}`),
    report,
    tables: () => taskTables(report, subjects),
    html: () => taskHtml(report, subjects),
    text: (columns) => taskText(report, columns),
  };
}

async function subjectsOf(names: readonly string[], stores: Stores): Promise<Subject[]> {
  const found = new Map<string, Subject>();
  for (const name of names) {
    const those = await ofName(name, stores);
    for (const each of those) if (!found.has(each.name)) found.set(each.name, each);
  }
  return [...found.values()];
}

async function ofName(name: string, stores: Stores): Promise<Subject[]> {
  const tasks = name === 'last' ? await lastOf(stores) : await tasksOf(name, stores);
  if (tasks !== undefined) return await Promise.all(tasks.map((task) => ofTask(task, stores)));
  try {
    return [ofBench(await stores.bench.findBench(name))];
  } catch (error) {
    if (!isCode(error, 'not-found')) throw error;
    const hint = 'controller bench list lists them; of sweeps: controller report --sweep ID';
    throw new MeshError('not-found', `there is no task or benchmark run "${name}"`, { hint });
  }
}

/** Undefined: there is none of this name. */
async function tasksOf(name: string, { tasks }: Stores): Promise<readonly Task[] | undefined> {
  try {
    return await tasks.find(name);
  } catch (error) {
    if (isCode(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Undefined: the newest of all is a benchmark run that belongs to no task, or there is no task. */
async function lastOf({ tasks, bench }: Stores): Promise<readonly Task[] | undefined> {
  const [[task], [run]] = await Promise.all([tasks.tasks(), bench.benches()]);
  if (task === undefined) return undefined;
  if (run === undefined || run.startedMs < (task.startedMs ?? task.dueMs)) return [task];
  const own = await tasks.runs(task.task);
  return own.some((each) => each.run === run.bench) ? [task] : undefined;
}

async function ofTask(task: Task, stores: Stores): Promise<Subject> {
  const [points, runs] = await Promise.all([stores.tasks.points({ task: task.task }), stores.tasks.runs(task.task)]);
  const measured = await Promise.all(runs.map((run) => ofRun(run, stores)));
  return { name: task.task, title: task.benchmark, task, points, runs: measured };
}

function ofBench({ bench, title, record }: StoredBench): Subject {
  const run: SubjectRun = { repeat: 1, rank: 0, kind: 'bench', run: bench, record, mesh: undefined };
  return { name: bench, title, task: undefined, points: [], runs: [run] };
}

/** What was deleted since is not there: a store finds by beginnings, and another run may begin so. */
async function ofRun(run: TaskRun, { bench, folder }: Stores): Promise<SubjectRun> {
  const none = { ...run, record: undefined, mesh: undefined };
  try {
    if (run.kind === 'bench') {
      const found = await bench.findBench(run.run);
      return found.bench === run.run ? { ...none, record: found.record } : none;
    }
    await using runs = await RunStore.open(folder);
    const found = await runs.find(run.run);
    if (found.run !== run.run) return none;
    const report = found.report === undefined ? undefined : (JSON.parse(found.report) as MeshRun['report']);
    return { ...none, mesh: { model: found.model, status: found.status, error: found.error, report } };
  } catch (error) {
    if (isCode(error, 'not-found') || isCode(error, 'usage')) return none;
    throw error;
  }
}

function isCode(error: unknown, code: MeshError['code']): boolean {
  return error instanceof MeshError && error.code === code;
}
