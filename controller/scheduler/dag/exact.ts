/**
 * The exact search, for whatever an instance says. It knows makespans, times and links only. Where an instance says more, it proves what holds without that, which is a lower bound; and its
 * schedule, its tasks in the same order on the same processors, may be as short with it: then that is optimal.
 */
import { branchAndBound } from './branch-and-bound.ts';
import { heft } from './heft.ts';
import { orderByStart } from './ordering.ts';
import { isPlain, type Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { betterOf, type Solution, solutionOf } from './solution.ts';
import { type Target, targetOf } from './target.ts';

/** Of another objective than the makespan: the schedule with the shortest makespan, rated by it. `stop`: as for the exact search. */
export function exact(target: Target, stop: (nodes: number) => boolean): Solution {
  const { problem, objective, placing } = target;
  if (objective.name !== 'makespan') return solutionOf(target, exact(targetOf(problem, 'makespan', placing), stop).schedule);
  const begin = heft(problem, placing);
  if (isPlain(problem)) {
    const { schedule, proven } = branchAndBound(problem, begin, stop);
    return solutionOf(target, schedule, proven ? schedule.makespan : undefined);
  }
  const relaxed = relaxedExact(target, stop);
  const schedule = relaxed.schedule === undefined ? begin : betterOf(target, begin, relaxed.schedule);
  return solutionOf(target, schedule, Math.max(objective.lowerBound(), relaxed.lowerBound));
}

export interface Relaxed {
  /** With everything the instance says; undefined when it does not fit into memory. */
  readonly schedule: Schedule | undefined;
  /** No schedule is shorter. 0 when the search was stopped before it was through. */
  readonly lowerBound: number;
}

/** `stop`: as for the exact search. */
export function relaxedExact({ problem, objective, rater }: Target, stop: (nodes: number) => boolean): Relaxed {
  const plain: Problem = { ...problem, release: undefined, memory: undefined, contention: 'none' };
  const { schedule: ideal, proven } = branchAndBound(plain, heft(plain), stop);
  const [order, rating] = [orderByStart(plain, ideal), rater()];
  const fits = rating.rate(order, ideal.processor) < objective.top;
  return { schedule: fits ? rating.schedule(order, ideal.processor) : undefined, lowerBound: proven ? ideal.makespan : 0 };
}
