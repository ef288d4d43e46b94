/**
 * The default: an anytime portfolio. Rounds of growing effort, each one better or as good:
 *
 *     list schedulers ──▶ round: annealing ──▶ exact search ──▶ round: annealing, twice the moves ──▶ exact search, twice the nodes ──▶ …
 *
 * It ends when the lower bound is reached, when the exact search is through, when it is told to stop, or after so many rounds. Without a limit of
 * time the same seed gives the same schedule on every machine.
 */
import { Random } from '../random.ts';
import { anneal } from './annealing.ts';
import { lowerBounds } from './bounds.ts';
import { branchAndBound } from './branch-and-bound.ts';
import { cpop } from './cpop.ts';
import { dls } from './dls.ts';
import { etf } from './etf.ts';
import { Evaluator } from './evaluator.ts';
import { heft } from './heft.ts';
import { lookaheadHeft } from './lookahead-heft.ts';
import { minMin } from './min-min.ts';
import { peft } from './peft.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { bestSingle, greedy } from './simple.ts';

export interface Solution {
  readonly schedule: Schedule;
  /** No schedule can be shorter. Equal to the makespan when that is proven to be optimal. */
  readonly lowerBound: number;
}

export interface AutoOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly stop: () => boolean;
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

export function auto(problem: Problem, { seed, rounds, stop }: AutoOptions): Solution {
  const random = new Random(seed);
  const bound = lowerBounds(problem).combined;
  let best = bestList(problem);
  const isOptimal = (): boolean => best.makespan <= bound * (1 + SLACK);
  const evaluator = new Evaluator(problem);
  for (let round = 0; round < rounds && !isOptimal() && !stop(); round += 1) {
    evaluator.adopt(best);
    const moves = Math.ceil(Math.min(MOVES_FIRST, STEPS_FIRST / problem.tasks) * GROWTH ** round);
    const found = anneal(evaluator, { random, moves, hot: HOT[round % HOT.length]!, cold: COLD, bound, stop });
    if (found.makespan < best.makespan) best = found;
    if (problem.tasks > EXACT_TASKS_MAX || isOptimal()) continue;
    let nodes = moves / (problem.tasks <= EXACT_TASKS_GOOD ? MOVES_PER_NODE.small : MOVES_PER_NODE.large);
    const exact = branchAndBound(problem, best, (looked) => {
      nodes -= looked;
      return nodes <= 0 || stop();
    });
    best = exact.schedule;
    if (exact.proven) return { schedule: best, lowerBound: best.makespan };
  }
  return { schedule: best, lowerBound: Math.min(bound, best.makespan) };
}

function bestList(problem: Problem): Schedule {
  const lists = [heft, peft, cpop, bestSingle, greedy, ...(problem.tasks <= DYNAMIC_TASKS_MAX ? [lookaheadHeft, minMin, etf, dls] : [])];
  return lists.map((list) => list(problem)).reduce((best, each) => (each.makespan < best.makespan ? each : best));
}
