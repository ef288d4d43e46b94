/**
 * The default: an anytime portfolio. Rounds of growing effort, each one better or as good:
 *
 *     list schedulers ──▶ round: annealing ──▶ exact search ──▶ round: annealing, twice the moves ──▶ exact search, twice the nodes ──▶ …
 *
 * The exact search is for makespans (where the instance says more than times and links: for a bound). It all ends when the lower bound is reached, when the exact search is through, when it is told to stop, or after so many rounds. Without a limit of
 * time the same seed gives the same schedule on every machine.
 */
import { Random } from '../random.ts';
import { anneal } from './annealing.ts';
import { branchAndBound } from './branch-and-bound.ts';
import { cpop } from './cpop.ts';
import { dls } from './dls.ts';
import { etf } from './etf.ts';
import { relaxedExact } from './exact.ts';
import { heft } from './heft.ts';
import { lookaheadHeft } from './lookahead-heft.ts';
import { minMin } from './min-min.ts';
import { peft } from './peft.ts';
import { isPlain, type Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { bestSingle, greedy } from './simple.ts';
import { betterOf, type Solution, solutionOf } from './solution.ts';
import { type Target, targetOf } from './target.ts';

export interface AutoOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly stop: () => boolean;
  /** What counts; without it the makespan. */
  readonly target?: Target;
}

/** Larger ones are too large for it to get anywhere. */
const EXACT_TASKS_MAX = 64;
/** Lookahead and the dynamic lists look at everything again for each task. */
const DYNAMIC_TASKS_MAX = 300;
/** A move of a larger instance reaches more tasks. */
const MOVES_FIRST = 10_000;
const STEPS_FIRST = 1_000_000;
/** Up to so many tasks the exact search often comes to its end. */
const EXACT_TASKS_GOOD = 36;
/** A node takes as long as some ten moves: small instances give both searches the same time, large ones give most to annealing. */
const MOVES_PER_NODE = { small: 8, large: 40 };
/** From round to round: one long annealing is worth more than many short ones, so the last round has half of all moves. */
const GROWTH = 2;
/** Temperatures, as parts of the makespan: where annealing begins, by round, and where it ends. */
const HOT = [0.01, 0.005];
const COLD = 0.001;
const SLACK = 1e-9;

/** Where a trial builds the whole timetable: so much less of them. */
const SLOW_EFFORT = 0.1;

export function auto(problem: Problem, { seed, rounds, stop, target = targetOf(problem) }: AutoOptions): Solution {
  const { objective, scoreOf } = target;
  const random = new Random(seed);
  let bound = objective.lowerBound();
  let relaxedBound = 0;
  let best = bestList(target);
  const isOptimal = (): boolean => scoreOf(best) <= bound * (1 + SLACK);
  const state = target.state();
  for (let round = 0; round < rounds && !isOptimal() && !stop(); round += 1) {
    state.adopt(best);
    const most = Math.min(MOVES_FIRST, STEPS_FIRST / problem.tasks) * (target.isFast ? 1 : SLOW_EFFORT);
    const moves = Math.ceil(most * GROWTH ** round);
    const found = anneal(state, { random, moves, hot: HOT[round % HOT.length]!, cold: COLD, bound, stop });
    best = betterOf(target, best, found);
    if (problem.tasks > EXACT_TASKS_MAX || objective.name !== 'makespan' || isOptimal()) continue;
    let nodes = moves / (problem.tasks <= EXACT_TASKS_GOOD ? MOVES_PER_NODE.small : MOVES_PER_NODE.large);
    const isEnough = (looked: number): boolean => {
      nodes -= looked;
      return nodes <= 0 || stop();
    };
    if (isPlain(problem)) {
      const exact = branchAndBound(problem, best, isEnough);
      best = exact.schedule;
      if (exact.proven) return solutionOf(target, best, best.makespan);
    } else if (relaxedBound === 0) {
      const relaxed = relaxedExact(target, isEnough);
      relaxedBound = relaxed.lowerBound;
      bound = Math.max(bound, relaxedBound);
      if (relaxed.schedule !== undefined) best = betterOf(target, best, relaxed.schedule);
    }
  }
  return solutionOf(target, best, bound);
}

function bestList(target: Target): Schedule {
  const { problem, placing } = target;
  const lists = [heft, peft, cpop, greedy, ...(problem.tasks <= DYNAMIC_TASKS_MAX ? [lookaheadHeft, minMin, etf, dls] : [])];
  const schedules = [...bestSingle(problem, placing), ...target.begin(), ...lists.map((list) => list(problem, placing))];
  return schedules.reduce((best, each) => betterOf(target, best, each));
}
