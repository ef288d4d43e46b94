/**
 * Min-min and max-min: of all ready tasks, each where it would end first, the one that ends first (or last) is placed.
 * (Ibarra, Kim: Heuristic algorithms for scheduling independent tasks on nonidentical processors, JACM 24(2), 1977; used on DAGs by ready sets.)
 */
import { type Candidate, scheduleDynamically } from './dynamic-list.ts';
import type { Placing } from './network.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

const endsFirst = (a: Candidate, b: Candidate): boolean => a.finish < b.finish;

export function minMin(problem: Problem, placing: Placing = 'insertion'): Schedule {
  return scheduleDynamically(problem, { placing, betterPlace: endsFirst, goesFirst: endsFirst });
}

export function maxMin(problem: Problem, placing: Placing = 'insertion'): Schedule {
  return scheduleDynamically(problem, { placing, betterPlace: endsFirst, goesFirst: (a, b) => a.finish > b.finish });
}
