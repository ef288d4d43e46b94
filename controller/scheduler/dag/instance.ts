/**
 * A scheduling instance: tasks with a running time on each processor, what they hand on, and the links between processors.
 *
 *     compute[task][processor]      edges [from, to, data]      link.bandwidth[p][q], link.latency[p][q]
 *
 * Model: a task runs without interruption, one at a time per processor; handing d units from p to another processor q takes
 * latency[p][q] + d ÷ bandwidth[p][q], on the same processor nothing; transfers do not hinder each other. Units are the instance's own.
 * (The problem R | prec, comm | Cmax of the list-scheduling literature.) What else an instance may say: `world.ts`, `jobs.ts`.
 */
import { MeshError } from '../../../mesh/error.ts';
import { expandJobs, parseJobs } from './jobs.ts';
import { amount, amounts, type Fail, listOf, listOfLength, objectOf, whole } from './json-fields.ts';
import { parseWorld, type World } from './world.ts';

export interface Instance extends World {
  readonly id: string;
  readonly compute: readonly (readonly number[])[];
  readonly edges: readonly (readonly [from: number, to: number, data: number])[];
  readonly link: Links;
  /** For a person; as many as there are tasks or processors. */
  readonly taskNames?: readonly string[];
  readonly processorNames?: readonly string[];
}

export interface Links {
  /** Null on the diagonal. */
  readonly bandwidth: readonly (readonly (number | null)[])[];
  /** Null: none anywhere. */
  readonly latency: readonly (readonly number[])[] | null;
}

const FORMAT = 'dagsched-instance/1';

/** Reads an instance's JSON; jobs are expanded. `file`: for messages. Error `invalid` with the path in the file (`compute[3][0]`). */
export function parseInstance(text: string, file: string): Instance {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MeshError('invalid', `${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const fail = (path: string, found: string): never => {
    throw new MeshError('invalid', `${file}: ${path} ${found}`);
  };
  const fields = objectOf(value, 'the file', fail);
  const { format, id, compute, edges, link, jobs, taskNames, processorNames } = fields;
  if (format !== undefined && format !== FORMAT) fail('format', `is ${JSON.stringify(format)}: expected "${FORMAT}"`);
  const rows = listOf(compute, 'compute', fail);
  if (rows.length === 0) fail('compute', 'is empty: there are no tasks');
  const processors = listOf(rows[0], 'compute[0]', fail).length;
  if (processors === 0) fail('compute[0]', 'is empty: there are no processors');
  const times = rows.map((row, task) => amounts(row, processors, `compute[${task}]`, fail));
  const arcs = listOf(edges, 'edges', fail).map((edge, index) => edgeOf(edge, times.length, `edges[${index}]`, fail));
  const links = linksOf(objectOf(link, 'link', fail), processors, fail);
  refuseCycle(times.length, arcs, fail);
  const ofTasks = names('taskNames', taskNames, times.length, fail);
  const instance: Instance = {
    id: typeof id === 'string' ? id : file,
    compute: times,
    edges: arcs,
    link: links,
    ...ofTasks,
    ...names('processorNames', processorNames, processors, fail),
    ...parseWorld(fields, times.length, processors, (task) => ofTasks.taskNames?.[task] ?? `task ${task}`, fail),
  };
  return jobs === undefined ? instance : expandJobs(instance, parseJobs(jobs, times.length, arcs, fail));
}

function edgeOf(value: unknown, tasks: number, path: string, fail: Fail): readonly [number, number, number] {
  const list = listOf(value, path, fail);
  if (list.length !== 3) fail(path, `has ${list.length} entries: expected [from, to, data]`);
  const [from, to] = [0, 1].map((at) => whole(list[at], 0, tasks - 1, `a task, 0 to ${tasks - 1}`, `${path}[${at}]`, fail));
  return [from!, to!, amount(list[2], `${path}[2]`, fail)];
}

function linksOf({ bandwidth, latency }: Record<string, unknown>, processors: number, fail: Fail): Links {
  const square = (value: unknown, path: string): readonly (readonly unknown[])[] => {
    const rows = listOf(value, path, fail);
    if (rows.length !== processors) fail(path, `has ${rows.length} rows: expected ${processors}`);
    return rows.map((row, index) => listOfLength(row, processors, `${path}[${index}]`, fail));
  };
  return {
    bandwidth: square(bandwidth, 'link.bandwidth').map((row, p) =>
      row.map((each, q) => {
        if (p === q) return null;
        const path = `link.bandwidth[${p}][${q}]`;
        const rate = amount(each, path, fail);
        return rate > 0 ? rate : fail(path, 'is 0: expected more');
      }),
    ),
    latency:
      latency === null || latency === undefined
        ? null
        : square(latency, 'link.latency').map((row, p) =>
            row.map((each, q) => (p === q ? 0 : amount(each, `link.latency[${p}][${q}]`, fail))),
          ),
  };
}

function names<K extends string>(key: K, value: unknown, length: number, fail: Fail): { readonly [key in K]?: readonly string[] } {
  if (value === undefined) return {};
  const list = listOfLength(value, length, key, fail);
  const texts = list.map((each, index) => (typeof each === 'string' ? each : fail(`${key}[${index}]`, 'is no text')));
  return { [key]: texts } as unknown as { readonly [key in K]?: readonly string[] };
}

/** Takes away tasks that wait for nobody until none is left. */
function refuseCycle(tasks: number, edges: Instance['edges'], fail: Fail): void {
  const waiting = new Array<number>(tasks).fill(0);
  const next: number[][] = Array.from({ length: tasks }, () => []);
  for (const [from, to] of edges) {
    waiting[to]! += 1;
    next[from]!.push(to);
  }
  const free = waiting.flatMap((count, task) => (count === 0 ? [task] : []));
  let done = 0;
  for (let task = free.pop(); task !== undefined; task = free.pop()) {
    done += 1;
    for (const to of next[task]!) {
      waiting[to]! -= 1;
      if (waiting[to] === 0) free.push(to);
    }
  }
  if (done === tasks) return;
  const stuck = waiting.flatMap((count, task) => (count > 0 ? [task] : []));
  fail('edges', `make a cycle: tasks ${stuck.slice(0, 8).join(', ')}${stuck.length > 8 ? ', …' : ''} wait for each other`);
}
