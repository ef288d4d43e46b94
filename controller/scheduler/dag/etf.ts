/**
 * ETF, earliest time first: of all ready tasks and processors the pair that can start first; of equals the task with the longest way to go (its
 * static level: mean computing times along the longest path to the end, without transfers).
 * (Hwang, Chow, Anger, Lee: Scheduling precedence graphs in systems with interprocessor communication times, SIAM J. Comput. 18(2), 1989.)
 */
import { scheduleDynamically } from './dynamic-list.ts';
import type { Placing } from './network.ts';
import type { Problem } from './problem.ts';
import { staticLevel } from './ranks.ts';
import type { Schedule } from './schedule.ts';

export function etf(problem: Problem, placing: Placing = 'append'): Schedule {
  const level = staticLevel(problem);
  return scheduleDynamically(problem, {
    placing,
    betterPlace: (a, b) => a.start < b.start || (a.start === b.start && a.finish < b.finish),
    goesFirst: (a, b) => a.start < b.start || (a.start === b.start && level[a.task]! > level[b.task]!),
  });
}
