/**
 * An instance laid out for speed: flat arrays, edges of each task side by side. All algorithms work on this.
 *
 *     time of task t on processor p             compute[t × processors + p]
 *     edges into t                              inStart[t] … inStart[t + 1] − 1: inFrom[e], and inEdge[e], the edge's number
 *     handing over edge k from p to q           transfer(k, p, q)
 */
import type { Instance } from './instance.ts';
import type { Contention, Goal } from './world.ts';

export interface Problem {
  readonly instance: Instance;
  readonly tasks: number;
  readonly processors: number;
  readonly compute: Float64Array;
  readonly data: Float64Array;
  readonly inStart: Int32Array;
  readonly inFrom: Int32Array;
  readonly inEdge: Int32Array;
  readonly outStart: Int32Array;
  readonly outTo: Int32Array;
  readonly outEdge: Int32Array;
  /** Where each outgoing edge stands among the incoming ones. */
  readonly outIn: Int32Array;
  /** From p to q at p × processors + q; the diagonal is infinite bandwidth without latency. */
  readonly bandwidth: Float64Array;
  readonly latency: Float64Array;
  /** Tasks such that each comes after those it waits for; the lowest index first wherever there is a choice. */
  readonly order: Int32Array;
  /** The rest is what an instance need not say: undefined, "none", empty where it does not. */
  readonly release: Float64Array | undefined;
  readonly memory: Memory | undefined;
  readonly contention: Contention;
  readonly power: Power | undefined;
  readonly goals: readonly Goal[];
}

export interface Memory {
  /** Of each task; tasks of one processor that use the same need it once. */
  readonly need: Float64Array;
  /** Whose memory each task uses: the number of a task. */
  readonly of: Int32Array;
  /** Of each processor; Infinity where there is no limit. */
  readonly capacity: Float64Array;
}

/** By processor: watts while it computes and while it does not, joules per unit of data sent and received. */
export interface Power {
  readonly busy: Float64Array;
  readonly idle: Float64Array;
  readonly send: Float64Array;
  readonly receive: Float64Array;
}

/** Whether times and links are all there is to a valid schedule: no releases, no limits of memory, transfers that do not hinder each other. */
export function isPlain({ release, memory, contention }: Problem): boolean {
  return release === undefined && memory === undefined && contention === 'none';
}

export function problemOf(instance: Instance): Problem {
  const tasks = instance.compute.length;
  const processors = instance.compute[0]!.length;
  const { edges, link } = instance;
  const incoming = sideBySide(
    tasks,
    edges.map(([, to]) => to),
  );
  const outgoing = sideBySide(
    tasks,
    edges.map(([from]) => from),
  );
  const standsAt = new Int32Array(edges.length);
  for (const [at, edge] of incoming.edge.entries()) standsAt[edge] = at;
  const onLinks = (value: (p: number, q: number) => number, diagonal: number): Float64Array =>
    Float64Array.from({ length: processors ** 2 }, (_, at) => {
      const [p, q] = [Math.floor(at / processors), at % processors];
      return p === q ? diagonal : value(p, q);
    });
  const shape = {
    tasks,
    inStart: incoming.start,
    inFrom: incoming.edge.map((edge) => edges[edge]![0]),
    outStart: outgoing.start,
    outTo: outgoing.edge.map((edge) => edges[edge]![1]),
  };
  return {
    ...shape,
    instance,
    processors,
    compute: Float64Array.from(instance.compute.flat()),
    data: Float64Array.from(edges, ([, , data]) => data),
    inEdge: incoming.edge,
    outEdge: outgoing.edge,
    outIn: outgoing.edge.map((edge) => standsAt[edge]!),
    bandwidth: onLinks((p, q) => link.bandwidth[p]![q]!, Number.POSITIVE_INFINITY),
    latency: onLinks((p, q) => (link.latency === null ? 0 : link.latency[p]![q]!), 0),
    order: topologicalOrder(shape),
    release: instance.release?.some((time) => time > 0) ? Float64Array.from(instance.release) : undefined,
    memory: memoryOf(instance),
    contention: instance.contention ?? 'none',
    power: powerOf(instance, processors),
    goals: instance.goals ?? [],
  };
}

/** Time for which a transfer keeps the link, or the interfaces, to itself: the latency passes on the way. */
export function occupation({ data, bandwidth, processors }: Problem, edge: number, p: number, q: number): number {
  return data[edge]! / bandwidth[p * processors + q]!;
}

function memoryOf({ memory, copyOf, capacity }: Instance): Memory | undefined {
  if (memory === undefined || capacity === undefined || capacity.every((each) => each === null)) return undefined;
  return {
    need: Float64Array.from(memory),
    of: Int32Array.from(memory, (_, task) => copyOf?.[task] ?? task),
    capacity: Float64Array.from(capacity, (each) => each ?? Number.POSITIVE_INFINITY),
  };
}

function powerOf({ power, radio }: Instance, processors: number): Power | undefined {
  if (power === undefined && radio === undefined) return undefined;
  const of = (values: readonly number[] | undefined): Float64Array => Float64Array.from({ length: processors }, (_, p) => values?.[p] ?? 0);
  return { busy: of(power?.busy), idle: of(power?.idle), send: of(radio?.send), receive: of(radio?.receive) };
}

/** Time from the end of a task on p until the edge's data are on q. */
export function transfer({ data, bandwidth, latency, processors }: Problem, edge: number, p: number, q: number): number {
  if (p === q) return 0;
  const at = p * processors + q;
  return latency[at]! + data[edge]! / bandwidth[at]!;
}

/** Edges grouped by a task, in the order they are given. */
function sideBySide(tasks: number, keys: readonly number[]): { readonly start: Int32Array; readonly edge: Int32Array } {
  const start = new Int32Array(tasks + 1);
  for (const key of keys) start[key + 1]! += 1;
  for (let task = 0; task < tasks; task += 1) start[task + 1]! += start[task]!;
  const next = start.slice();
  const edge = new Int32Array(keys.length);
  for (const [index, key] of keys.entries()) {
    edge[next[key]!] = index;
    next[key]! += 1;
  }
  return { start, edge };
}

type Shape = Pick<Problem, 'tasks' | 'inStart' | 'outStart' | 'outTo'>;

function topologicalOrder({ tasks, inStart, outStart, outTo }: Shape): Int32Array {
  const waiting = Int32Array.from({ length: tasks }, (_, task) => inStart[task + 1]! - inStart[task]!);
  const order = new Int32Array(tasks);
  const ready: number[] = [];
  for (let task = tasks - 1; task >= 0; task -= 1) if (waiting[task] === 0) ready.push(task);
  for (let at = 0; at < tasks; at += 1) {
    // A stack with the lowest on top would not do: what becomes ready later may be lower than what is there.
    let best = 0;
    for (let index = 1; index < ready.length; index += 1) if (ready[index]! < ready[best]!) best = index;
    const task = ready[best]!;
    ready[best] = ready.at(-1)!;
    ready.pop();
    order[at] = task;
    for (let edge = outStart[task]!; edge < outStart[task + 1]!; edge += 1) {
      const to = outTo[edge]!;
      waiting[to]! -= 1;
      if (waiting[to] === 0) ready.push(to);
    }
  }
  return order;
}
