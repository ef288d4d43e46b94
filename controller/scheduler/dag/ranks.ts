/**
 * What list schedulers order tasks by. Averages are those of Topcuoglu et al. 2002: computing times over all processors, transfer times over
 * ordered pairs of different processors.
 */
import type { Problem } from './problem.ts';

/** Mean running time of each task. */
export function meanCompute({ compute, tasks, processors }: Problem): Float64Array {
  const mean = new Float64Array(tasks);
  for (let task = 0; task < tasks; task += 1) {
    for (let p = 0; p < processors; p += 1) mean[task]! += compute[task * processors + p]!;
    mean[task]! /= processors;
  }
  return mean;
}

/** Mean transfer time of each edge; 0 when there is one processor. */
export function meanTransfer({ data, latency, bandwidth, processors }: Problem): Float64Array {
  const mean = new Float64Array(data.length);
  const pairs = processors * (processors - 1);
  if (pairs === 0) return mean;
  const alike = latency.every((each, at) => at % (processors + 1) === 0 || (each === latency[1] && bandwidth[at] === bandwidth[1]));
  if (alike) return mean.map((_, edge) => latency[1]! + data[edge]! / bandwidth[1]!);
  for (let edge = 0; edge < data.length; edge += 1) {
    let sum = 0;
    for (let at = 0; at < latency.length; at += 1) sum += at % (processors + 1) === 0 ? 0 : latency[at]! + data[edge]! / bandwidth[at]!;
    mean[edge] = sum / pairs;
  }
  return mean;
}

/** Longest mean path from the start of each task to the end: equation 5 of Topcuoglu et al. */
export function upwardRank(problem: Problem): Float64Array {
  return longestToEnd(problem, meanTransfer(problem));
}

/** The same without transfers. */
export function staticLevel(problem: Problem): Float64Array {
  return longestToEnd(problem, new Float64Array(problem.data.length));
}

function longestToEnd(problem: Problem, transfers: Float64Array): Float64Array {
  const { order, outStart, outTo, outEdge } = problem;
  const compute = meanCompute(problem);
  const rank = new Float64Array(problem.tasks);
  for (const task of order.toReversed()) {
    let longest = 0;
    for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) {
      longest = Math.max(longest, transfers[outEdge[at]!]! + rank[outTo[at]!]!);
    }
    rank[task] = compute[task]! + longest;
  }
  return rank;
}

/** Longest mean path from the beginning to the start of each task: equation 7. */
export function downwardRank(problem: Problem): Float64Array {
  const { order, inStart, inFrom, inEdge } = problem;
  const [compute, transfers] = [meanCompute(problem), meanTransfer(problem)];
  const rank = new Float64Array(problem.tasks);
  for (const task of order) {
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const from = inFrom[at]!;
      rank[task] = Math.max(rank[task]!, rank[from]! + compute[from]! + transfers[inEdge[at]!]!);
    }
  }
  return rank;
}

/**
 * Optimistic cost table of Arabnejad and Barbosa 2014, equation 8: {@link timesToEnd} with transfers averaged.
 */
export function optimisticCosts(problem: Problem): Float64Array {
  const transfers = meanTransfer(problem);
  return timesToEnd(problem, (edge, p, q) => (p === q ? 0 : transfers[edge]!));
}

/**
 * At task × processors + p the shortest time from the end of the task on p to the end of everything, if each task that follows could choose its
 * processor freely. `way`: what it takes to hand an edge's data from p to q.
 */
export function timesToEnd(problem: Problem, way: (edge: number, p: number, q: number) => number): Float64Array {
  const { tasks, processors, compute, order, outStart, outTo, outEdge } = problem;
  const table = new Float64Array(tasks * processors);
  for (const task of order.toReversed()) {
    for (let p = 0; p < processors; p += 1) {
      let longest = 0;
      for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) {
        const base = outTo[at]! * processors;
        let shortest = Number.POSITIVE_INFINITY;
        for (let q = 0; q < processors; q += 1) {
          shortest = Math.min(shortest, way(outEdge[at]!, p, q) + compute[base + q]! + table[base + q]!);
        }
        longest = Math.max(longest, shortest);
      }
      table[task * processors + p] = longest;
    }
  }
  return table;
}
