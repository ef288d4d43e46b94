/** Bounds that know of releases: the earliest time at which each task can be done, and what follows from that for a makespan and for goals. */
import { lowerBounds, tailTimes } from './bounds.ts';
import { type Problem, transfer } from './problem.ts';

/** Of each task the earliest end in any schedule: along each path every task takes its time somewhere, and each change of processor its transfer. */
export function earliestEnds(problem: Problem): Float64Array {
  const { tasks, processors, compute, order, inStart, inFrom, inEdge, release } = problem;
  const ends = new Float64Array(tasks * processors);
  const earliest = new Float64Array(tasks).fill(Number.POSITIVE_INFINITY);
  for (const task of order) {
    for (let p = 0; p < processors; p += 1) {
      let start = release === undefined ? 0 : release[task]!;
      for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
        let arrival = Number.POSITIVE_INFINITY;
        for (let q = 0; q < processors; q += 1) {
          arrival = Math.min(arrival, ends[inFrom[at]! * processors + q]! + transfer(problem, inEdge[at]!, q, p));
        }
        start = Math.max(start, arrival);
      }
      ends[task * processors + p] = start + compute[task * processors + p]!;
      earliest[task] = Math.min(earliest[task]!, ends[task * processors + p]!);
    }
  }
  return earliest;
}

/** No schedule is shorter. */
export function makespanBound(problem: Problem): number {
  const { combined } = lowerBounds(problem);
  const { release, tasks, processors, compute } = problem;
  if (release === undefined) return combined;
  const tails = tailTimes(problem);
  let bound = combined;
  for (let task = 0; task < tasks; task += 1) {
    let shortest = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processors; p += 1) shortest = Math.min(shortest, compute[task * processors + p]! + tails[task * processors + p]!);
    bound = Math.max(bound, release[task]! + shortest);
  }
  return bound;
}
