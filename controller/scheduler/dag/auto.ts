/**
 * The default: an anytime portfolio. Rounds of growing effort, each one better or as good:
 *
 *     list schedulers ──▶ round: annealing ──▶ exact search ──▶ round: annealing, twice the moves ──▶ exact search goes on, twice as long ──▶ …
 *
 * The exact search is for makespans (where the instance says more than times, links and releases: for a bound). It all ends when the lower bound is
 * reached, when it is told to stop, or after so many rounds. Without a limit of time the same seed gives the same schedule on every machine.
 */
import { Random } from '../../../mesh/random.ts';
import { anneal } from './annealing.ts';
import { cpop } from './cpop.ts';
import { dls } from './dls.ts';
import { etf } from './etf.ts';
import { ExactRounds } from './exact.ts';
import { heft } from './heft.ts';
import { lookaheadHeft } from './lookahead-heft.ts';
import { minMin } from './min-min.ts';
import { peft } from './peft.ts';
import type { Problem } from './problem.ts';
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

/** Up to so many tasks the exact search takes part from the beginning; it often comes to its end. */
const EXACT_TASKS_GOOD = 64;
/** With more it gives a bound, and may find something better, from this round on: once annealing has done most of what it can. */
const EXACT_ROUND = 3;
/** Lookahead and the dynamic lists look at everything again for each task. */
const DYNAMIC_TASKS_MAX = 300;
/** A move of a larger instance reaches more tasks. */
const MOVES_FIRST = 10_000;
const STEPS_FIRST = 1_000_000;
/** A contradiction takes as long as some moves, the more the larger the instance: tasks³ ÷ 200 of them take about as long. */
const CUBE_PER_MOVE = 200;
/** How long the exact search goes on, as a part of annealing's time: after a round that found something better there may be more to find there. */
const EXACT_SHARE = { better: 0.25, same: 1 };
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
  const isSmall = problem.tasks <= EXACT_TASKS_GOOD;
  let exact: ExactRounds | undefined;
  let best = bestList(target);
  const isOptimal = (): boolean => scoreOf(best) <= bound * (1 + SLACK);
  const state = target.state();
  for (let round = 0; round < rounds && !isOptimal() && !stop(); round += 1) {
    state.adopt(best);
    const most = Math.min(MOVES_FIRST, STEPS_FIRST / problem.tasks) * (target.isFast ? 1 : SLOW_EFFORT);
    const moves = Math.ceil(most * GROWTH ** round);
    const found = anneal(state, { random, moves, hot: HOT[round % HOT.length]!, cold: COLD, bound, stop });
    const share = scoreOf(found) < scoreOf(best) ? EXACT_SHARE.better : EXACT_SHARE.same;
    best = betterOf(target, best, found);
    if (objective.name !== 'makespan' || isOptimal() || (!isSmall && round < EXACT_ROUND)) continue;
    exact ??= new ExactRounds(target, best, bound, stop);
    let conflicts = (share * moves * CUBE_PER_MOVE) / problem.tasks ** 3;
    exact.run(best, (met) => {
      conflicts -= met;
      return conflicts <= 0 || stop();
    });
    best = betterOf(target, best, exact.schedule ?? best);
    bound = Math.max(bound, exact.lowerBound);
  }
  return solutionOf(target, best, bound);
}

function bestList(target: Target): Schedule {
  const { problem, placing } = target;
  const lists = [heft, peft, cpop, greedy, ...(problem.tasks <= DYNAMIC_TASKS_MAX ? [lookaheadHeft, minMin, etf, dls] : [])];
  const schedules = [...bestSingle(problem, placing), ...target.begin(), ...lists.map((list) => list(problem, placing))];
  return schedules.reduce((best, each) => betterOf(target, best, each));
}
