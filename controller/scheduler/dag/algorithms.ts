/** All schedulers for task graphs by their names, and what every one of their results goes through. */
import { Random } from '../../../mesh/random.ts';
import { anneal } from './annealing.ts';
import { auto } from './auto.ts';
import { cpop } from './cpop.ts';
import { dls } from './dls.ts';
import { etf } from './etf.ts';
import { exact } from './exact.ts';
import { genetic, type PopulationOptions } from './genetic.ts';
import { heft } from './heft.ts';
import { lookaheadHeft } from './lookahead-heft.ts';
import { memeticPsoGa } from './memetic-pso-ga.ts';
import { maxMin, minMin } from './min-min.ts';
import type { Placing } from './network.ts';
import type { ObjectiveName } from './objective.ts';
import { peft } from './peft.ts';
import type { Problem } from './problem.ts';
import { psoGa } from './pso-ga.ts';
import { type Schedule, verifySchedule } from './schedule.ts';
import { edgeOnly, greedy, local } from './simple.ts';
import { betterOf, type Solution, solutionOf } from './solution.ts';
import { type Target, targetOf } from './target.ts';

export interface SolveOptions {
  readonly seed: number;
  /** Whether time is up. Without a limit searches end after an effort of their own, and the same seed gives the same result everywhere. */
  readonly stop: (() => boolean) | undefined;
  /** What is made small; without it the makespan. List schedulers and the exact search only know the makespan, and are rated by it. */
  readonly objective?: ObjectiveName;
  /** Into gaps or only behind; without it list schedulers as published, searches behind. */
  readonly placing?: Placing;
}

export interface Algorithm {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly solve: (target: Target, options: SolveOptions) => Solution;
}

/** Without a limit of time: as many rounds of `auto` (a second or so for fifty tasks), moves of annealing, contradictions of the exact search. */
const ROUNDS = 7;
const MOVES = 1_000_000;
const CONFLICTS = 20_000;
const MEMBERS = 100;
const GENERATIONS = 1000;

/** Where a trial builds the whole timetable: so much less of them. */
const SLOW_EFFORT = 0.1;

const list = (name: string, summary: string, schedule: (problem: Problem, placing?: Placing) => Schedule): Algorithm => ({
  name,
  summary,
  solve: (target) => solutionOf(target, schedule(target.problem, target.placing)),
});

const swarm = (name: string, summary: string, search: (problem: Problem, options: PopulationOptions) => Schedule): Algorithm => ({
  name,
  summary,
  solve: (target, { seed, stop }) => {
    const random = new Random(seed);
    const options = { random, members: MEMBERS, generations: GENERATIONS, stop: stop ?? never, target };
    return solutionOf(target, search(target.problem, options));
  },
});

export const algorithms: readonly Algorithm[] = [
  {
    name: 'auto',
    summary: 'list schedulers, then annealing and exact search in growing rounds',
    solve: (target, { seed, stop }) =>
      auto(target.problem, { seed, rounds: stop === undefined ? ROUNDS : Number.POSITIVE_INFINITY, stop: stop ?? never, target }),
  },
  list('heft', 'heterogeneous earliest finish time (Topcuoglu et al. 2002)', heft),
  list('cpop', 'critical path on a processor (Topcuoglu et al. 2002)', cpop),
  list('peft', 'predict earliest finish time (Arabnejad, Barbosa 2014)', peft),
  list('lookahead-heft', 'HEFT that looks at the children (Bittencourt et al. 2010)', lookaheadHeft),
  list('min-min', 'of all ready tasks the one that ends first (Ibarra, Kim 1977)', minMin),
  list('max-min', 'of all ready tasks the one that ends last (Ibarra, Kim 1977)', maxMin),
  list('etf', 'earliest time first (Hwang et al. 1989)', etf),
  list('dls', 'dynamic level scheduling (Sih, Lee 1993)', dls),
  list('greedy', 'each task, in topological order, where it ends first', greedy),
  list('local', 'everything on processor 0', local),
  list('edge-only', 'everything on the best other processor', edgeOnly),
  {
    name: 'annealing',
    summary: 'simulated annealing from HEFT (Kirkpatrick et al. 1983)',
    solve: (target, { seed, stop }) => {
      const state = target.state();
      const begin = heft(target.problem, target.placing);
      state.adopt(begin);
      const bound = target.objective.lowerBound();
      const moves = target.isFast ? MOVES : MOVES * SLOW_EFFORT;
      const found = anneal(state, { random: new Random(seed), moves, hot: 0.02, cold: 0.001, bound, stop: stop ?? never });
      return solutionOf(target, betterOf(target, begin, found), bound);
    },
  },
  swarm('genetic', 'genetic algorithm, 100 members × 1000 generations', genetic),
  swarm('pso-ga', 'swarm with genetic operators, as many (Chen et al. 2022)', psoGa),
  swarm('memetic-pso-ga', 'the same from blocks of tasks, with a local search', memeticPsoGa),
  {
    name: 'exact',
    summary: 'search that learns from contradictions, from HEFT; optimal when it comes to its end',
    solve: (target, { stop }) => {
      let conflicts = CONFLICTS;
      const limit = stop ?? (() => conflicts <= 0);
      return exact(target, (met) => {
        conflicts -= met;
        return limit();
      });
    },
  },
];

const never = (): boolean => false;

/** What the algorithm finds, verified: a result that is no schedule never leaves. Error `invalid` when the instance lacks what the objective needs. */
export function solve({ name, solve: run }: Algorithm, problem: Problem, options: SolveOptions): Solution {
  const solution = run(targetOf(problem, options.objective, options.placing), options);
  verifySchedule(problem, solution.schedule, name);
  return solution;
}
