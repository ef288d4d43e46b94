/**
 * An instance laid out for speed: flat arrays, edges of each task side by side. All algorithms work on this.
 *
 *     time of task t on processor p             compute[t × processors + p]
 *     edges into t                              inStart[t] … inStart[t + 1] − 1: inFrom[e], and inEdge[e], the edge's number
 *     handing over edge k from p to q           transfer(k, p, q)
 */
import type { Instance } from './instance.ts';

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
  };
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
