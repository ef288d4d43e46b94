/**
 * Several models at once, each arriving again and again: an instance with jobs becomes one without, in which every arrival has tasks of its own.
 *
 *     jobs: [{ tasks: "0-2", period: 10, count: 3, deadline: 8 }]       0 ▶ 1 ▶ 2        released at 0, due at 8
 *                                                                       3 ▶ 4 ▶ 5        released at 10, due at 18
 *                                                                       6 ▶ 7 ▶ 8        released at 20, due at 28
 *
 * The first arrival keeps the numbers of the tasks; the others follow, job after job. All arrivals of a task use the same memory where they are on
 * the same processor: it is the model's, not the frame's.
 */
import { amount, type Fail, listOf, objectOf, positive, refuseOthers, shown, whole } from './json-fields.ts';
import type { Goal, World } from './world.ts';

export interface Job {
  readonly name: string;
  readonly tasks: readonly number[];
  /** When each of its arrivals is there. */
  readonly arrivals: readonly number[];
  /** From each arrival on; undefined: whenever. */
  readonly deadline: number | undefined;
}

/** What of an instance is there once more for each arrival. */
export interface Repeatable extends World {
  readonly compute: readonly (readonly number[])[];
  readonly edges: readonly (readonly [from: number, to: number, data: number])[];
  readonly taskNames?: readonly string[];
}

/** An instance that is larger can't be scheduled by anything here. */
const TASKS_MAX = 100_000;
const FIELDS = ['name', 'tasks', 'period', 'rate', 'count', 'release', 'deadline'];

/** The jobs in an instance's file; no task belongs to two, and no edge joins two. */
export function parseJobs(value: unknown, tasks: number, edges: Repeatable['edges'], fail: Fail): readonly Job[] {
  const owner = new Array<number | undefined>(tasks).fill(undefined);
  const jobs = listOf(value, 'jobs', fail).map((each, index) => {
    const job = jobOf(each, index, tasks, fail);
    for (const task of job.tasks) {
      if (owner[task] !== undefined) fail(`jobs[${index}].tasks`, `holds task ${task}, which belongs to jobs[${owner[task]}]`);
      owner[task] = index;
    }
    return job;
  });
  for (const [index, [from, to]] of edges.entries()) {
    if (owner[from] !== owner[to]) fail(`edges[${index}]`, `joins tasks ${from} and ${to} of different jobs: each arrival is on its own`);
  }
  const count = jobs.reduce((sum, job) => sum + job.tasks.length * job.arrivals.length, 0);
  if (count > TASKS_MAX) fail('jobs', `make ${count} tasks: expected ${TASKS_MAX} at most`);
  return jobs;
}

function jobOf(value: unknown, index: number, tasks: number, fail: Fail): Job {
  const path = `jobs[${index}]`;
  const fields = objectOf(value, path, fail);
  refuseOthers(fields, FIELDS, path, fail);
  const { name = `job ${index}`, period, rate, count, release, deadline } = fields;
  if (typeof name !== 'string') fail(`${path}.name`, 'is no text');
  const arrivals = count === undefined ? 1 : whole(count, 1, TASKS_MAX, 'a whole number of at least 1', `${path}.count`, fail);
  if (period !== undefined && rate !== undefined) fail(`${path}.rate`, 'is given beside period: expected one of them');
  if (period === undefined && rate === undefined && arrivals > 1) fail(`${path}.period`, 'is missing: expected it, or rate');
  let apart = 0;
  if (period !== undefined) apart = amount(period, `${path}.period`, fail);
  if (rate !== undefined) apart = 1 / positive(rate, `${path}.rate`, fail);
  const first = release === undefined ? 0 : amount(release, `${path}.release`, fail);
  return {
    name: name as string,
    tasks: tasksOf(fields.tasks, tasks, `${path}.tasks`, fail),
    arrivals: Array.from({ length: arrivals }, (_, arrival) => first + arrival * apart),
    deadline: deadline === undefined ? undefined : positive(deadline, `${path}.deadline`, fail),
  };
}

/** A list of tasks, or a range "3-7", both ends included. */
function tasksOf(value: unknown, tasks: number, path: string, fail: Fail): readonly number[] {
  const task = (each: unknown, at: string): number => whole(each, 0, tasks - 1, `a task, 0 to ${tasks - 1}`, at, fail);
  if (typeof value === 'string') {
    const range = /^(\d+)-(\d+)$/.exec(value);
    if (range === null) return fail(path, `is ${shown(value)}: expected a list of tasks or a range such as "0-${tasks - 1}"`);
    const [first, last] = [task(Number(range[1]), path), task(Number(range[2]), path)];
    if (last < first) fail(path, `is ${shown(value)}: the last task comes before the first`);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }
  const list = listOf(value, path, fail).map((each, at) => task(each, `${path}[${at}]`));
  if (list.length === 0) fail(path, 'is empty: expected tasks');
  if (new Set(list).size < list.length) fail(path, 'names a task twice');
  return list;
}

/** One instance in which each arrival of each job has its own tasks, releases and deadlines. */
export function expandJobs<I extends Repeatable>(instance: I, jobs: readonly Job[]): I {
  const { edges, release, memory, goals } = instance;
  const tasks = instance.compute.length;
  // Of each task of the result: which it is a copy of, and since when it can begin.
  const origin = Array.from({ length: tasks }, (_, task) => task);
  const since = new Array<number>(tasks).fill(0);
  const names = instance.taskNames?.slice() ?? Array.from(origin, String);
  const arcs = edges.slice();
  const due: Goal[] = [];
  const ofJobs = new Set(jobs.flatMap((job) => job.tasks));
  due.push(...(goals ?? []).filter((goal) => goal.tasks.every((task) => !ofJobs.has(task))));
  for (const { name, tasks: own, arrivals, deadline } of jobs) {
    const inJob = new Set(own);
    const inner = edges.filter(([from]) => inJob.has(from));
    const exits = own.filter((task) => inner.every(([from]) => from !== task));
    const innerGoals = (goals ?? []).filter((goal) => goal.tasks.every((task) => inJob.has(task)));
    for (const [number, arrival] of arrivals.entries()) {
      const copyOf = new Map(own.map((task, at) => [task, number === 0 ? task : origin.length + at]));
      const copy = (task: number): number => copyOf.get(task)!;
      const called = arrivals.length === 1 ? name : `${name} #${number + 1}`;
      for (const task of own) {
        origin[copy(task)] = task;
        since[copy(task)] = arrival;
        names[copy(task)] = `${called}: ${instance.taskNames?.[task] ?? task}`;
      }
      if (number > 0) for (const [from, to, data] of inner) arcs.push([copy(from), copy(to), data]);
      for (const goal of innerGoals) {
        due.push({
          name: names[copy(goal.tasks[0]!)]!,
          tasks: goal.tasks.map(copy),
          release: goal.release + arrival,
          deadline: goal.deadline + arrival,
        });
      }
      if (deadline !== undefined) due.push({ name: called, tasks: exits.map(copy), release: arrival, deadline: arrival + deadline });
    }
  }
  return {
    ...instance,
    compute: origin.map((task) => instance.compute[task]!),
    edges: arcs,
    taskNames: names,
    release: origin.map((task, at) => (release?.[task] ?? 0) + since[at]!),
    copyOf: origin,
    ...(memory === undefined ? {} : { memory: origin.map((task) => memory[task]!) }),
    ...(due.length === 0 ? {} : { goals: due }),
  };
}
