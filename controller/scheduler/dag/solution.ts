/** What an algorithm answers: a schedule, and how good any could be at best. */
import { type Figures, figuresOf } from './figures.ts';
import type { Schedule } from './schedule.ts';
import type { Target } from './target.ts';

export interface Solution {
  readonly schedule: Schedule;
  readonly figures: Figures;
  /** Of the objective, in its unit: the makespan, joules, 1 − utility. */
  readonly value: number;
  /** Whether conditions are kept: with the objective energy, all deadlines. */
  readonly isMet: boolean;
  /** No schedule that keeps the conditions has a smaller value. */
  readonly lowerBound: number;
  /** Proven: the value is the lower bound, and the conditions are kept. */
  readonly isOptimal: boolean;
}

/** `lowerBound`: what is known beyond the objective's own. */
export function solutionOf({ problem, objective }: Target, schedule: Schedule, lowerBound = objective.lowerBound()): Solution {
  const figures = figuresOf(problem, schedule);
  const value = objective.value(figures);
  const isMet = objective.isMet(figures);
  // Bounds and values are sums of the same numbers in another order: a bound that is above by a rounding error is the value.
  const bound = isMet ? Math.min(lowerBound, value) : lowerBound;
  return { schedule, figures, value, isMet, lowerBound: bound, isOptimal: isMet && value <= bound };
}

export function betterOf({ scoreOf }: Target, a: Schedule, b: Schedule): Schedule {
  return scoreOf(b) < scoreOf(a) ? b : a;
}
