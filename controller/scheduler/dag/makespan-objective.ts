/** The end of everything: the last finish. */
import { longestMakespan } from './ceilings.ts';
import { makespanBound } from './earliest-ends.ts';
import type { Objective } from './objective.ts';
import type { Problem } from './problem.ts';

export function makespanObjective(problem: Problem): Objective {
  return {
    name: 'makespan',
    value: ({ makespan }) => makespan,
    score: ({ makespan }) => makespan,
    top: 2 * longestMakespan(problem) + 1,
    lowerBound: () => makespanBound(problem),
    isMet: () => true,
  };
}
