/**
 * What is missed of the goals: 1 − mean utility. Schedules that miss as much are told apart by their energy, then by their makespan: both count so
 * little that together they are less than what one part in a million of utility is.
 */
import { MeshError } from '../../../mesh/error.ts';
import { longestMakespan, mostEnergy } from './ceilings.ts';
import { earliestEnds } from './earliest-ends.ts';
import { doneAt, utilityOf } from './figures.ts';
import type { Objective } from './objective.ts';
import type { Problem } from './problem.ts';

const ENERGY_COUNTS = 1e-6;
const MAKESPAN_COUNTS = 1e-9;

/** Error `invalid` when the instance has no deadlines. */
export function deadlineObjective(problem: Problem): Objective {
  const { goals, instance } = problem;
  if (goals.length === 0) {
    throw new MeshError('invalid', `the objective deadline needs deadlines, which ${instance.id} does not have`, {
      hint: 'controller schedule --help names the fields',
    });
  }
  const [most, longest] = [mostEnergy(problem) + 1, longestMakespan(problem) + 1];
  return {
    name: 'deadline',
    value: ({ utility }) => 1 - utility,
    score: ({ utility, energy, makespan }) => 1 - utility + (ENERGY_COUNTS * energy) / most + (MAKESPAN_COUNTS * makespan) / longest,
    top: 2,
    lowerBound: () => missedAtLeast(problem),
    isMet: () => true,
  };
}

/** Each goal alone, as early as it can be. */
function missedAtLeast(problem: Problem): number {
  const ends = earliestEnds(problem);
  const reachable = problem.goals.reduce((sum, goal) => sum + utilityOf(goal, doneAt(goal, ends)), 0);
  return Math.max(0, 1 - reachable / problem.goals.length);
}
