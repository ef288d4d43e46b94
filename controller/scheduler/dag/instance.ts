/**
 * A scheduling instance: tasks with a running time on each processor, what they hand on, and the links between processors.
 *
 *     compute[task][processor]      edges [from, to, data]      link.bandwidth[p][q], link.latency[p][q]
 *
 * Model: a task runs without interruption, one at a time per processor; handing d units from p to another processor q takes
 * latency[p][q] + d ÷ bandwidth[p][q], on the same processor nothing; transfers do not hinder each other. Units are the instance's own.
 * (The problem R | prec, comm | Cmax of the list-scheduling literature.)
 */
import { MeshError } from '../../../mesh/error.ts';

export interface Instance {
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

/** Reads an instance's JSON. `file`: for messages. Error `invalid` with the path in the file (`compute[3][0]`). */
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
  const { format, id, compute, edges, link, taskNames, processorNames } = objectOf(value, 'the file', fail);
  if (format !== undefined && format !== FORMAT) fail('format', `is ${JSON.stringify(format)}: expected "${FORMAT}"`);
  const rows = listOf(compute, 'compute', fail);
  if (rows.length === 0) fail('compute', 'is empty: there are no tasks');
  const processors = listOf(rows[0], 'compute[0]', fail).length;
  if (processors === 0) fail('compute[0]', 'is empty: there are no processors');
  const times = rows.map((row, task) => amounts(row, processors, `compute[${task}]`, fail));
  const arcs = listOf(edges, 'edges', fail).map((edge, index) => edgeOf(edge, times.length, `edges[${index}]`, fail));
  const links = linksOf(objectOf(link, 'link', fail), processors, fail);
  refuseCycle(times.length, arcs, fail);
  return {
    id: typeof id === 'string' ? id : file,
    compute: times,
    edges: arcs,
    link: links,
    ...names('taskNames', taskNames, times.length, fail),
    ...names('processorNames', processorNames, processors, fail),
  };
}

type Fail = (path: string, found: string) => never;

function objectOf(value: unknown, path: string, fail: Fail): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'is no object');
  return value as Record<string, unknown>;
}

function listOf(value: unknown, path: string, fail: Fail): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, value === undefined ? 'is missing: expected a list' : 'is no list');
}

function amounts(value: unknown, length: number, path: string, fail: Fail): readonly number[] {
  const list = listOf(value, path, fail);
  if (list.length !== length) fail(path, `has ${list.length} entries: expected ${length}`);
  return list.map((each, index) => amount(each, `${path}[${index}]`, fail));
}

function amount(value: unknown, path: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return fail(path, `is ${JSON.stringify(value) ?? 'missing'}: expected a number of at least 0`);
}

function edgeOf(value: unknown, tasks: number, path: string, fail: Fail): readonly [number, number, number] {
  const list = listOf(value, path, fail);
  if (list.length !== 3) fail(path, `has ${list.length} entries: expected [from, to, data]`);
  const [from, to] = [0, 1].map((at) => {
    const task = list[at];
    if (typeof task === 'number' && Number.isInteger(task) && task >= 0 && task < tasks) return task;
    return fail(`${path}[${at}]`, `is ${JSON.stringify(task)}: expected a task, 0 to ${tasks - 1}`);
  });
  return [from!, to!, amount(list[2], `${path}[2]`, fail)];
}

function linksOf({ bandwidth, latency }: Record<string, unknown>, processors: number, fail: Fail): Links {
  const square = (value: unknown, path: string): readonly (readonly unknown[])[] => {
    const rows = listOf(value, path, fail);
    if (rows.length !== processors) fail(path, `has ${rows.length} rows: expected ${processors}`);
    return rows.map((row, index) => {
      const list = listOf(row, `${path}[${index}]`, fail);
      if (list.length !== processors) fail(`${path}[${index}]`, `has ${list.length} entries: expected ${processors}`);
      return list;
    });
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
  const list = listOf(value, key, fail);
  if (list.length !== length) fail(key, `has ${list.length} entries: expected ${length}`);
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
