/** What a search is after: a problem, what counts, and how an order of tasks becomes times. Chooses the fast way where it is the same. */
import { deadlineObjective } from './deadline-objective.ts';
import { energyLists } from './energy-list.ts';
import { energyObjective } from './energy-objective.ts';
import { Evaluator } from './evaluator.ts';
import { figuresOf } from './figures.ts';
import { heft } from './heft.ts';
import { makespanObjective } from './makespan-objective.ts';
import type { Placing } from './network.ts';
import type { Objective, ObjectiveName } from './objective.ts';
import { isPlain, type Problem } from './problem.ts';
import { RatedSolution } from './rated-solution.ts';
import { FreeRater, GeneralRater, type Rater } from './rater.ts';
import type { Schedule } from './schedule.ts';
import type { SearchState } from './search-state.ts';

export interface Target {
  readonly problem: Problem;
  readonly objective: Objective;
  /** Of tasks and transfers; undefined: list schedulers as published, searches append. */
  readonly placing: Placing | undefined;
  /** Whether trials are the fast ones: they take about a tenth of the time. */
  readonly isFast: boolean;
  readonly rater: () => Rater;
  readonly state: () => SearchState;
  readonly scoreOf: (schedule: Schedule) => number;
  /** What swarms know when they begin: for makespans nothing, as published; where deadlines are to be met, schedules from least energy to least time. */
  readonly begin: () => readonly Schedule[];
}

const objectives: Readonly<Record<ObjectiveName, (problem: Problem) => Objective>> = {
  makespan: makespanObjective,
  energy: energyObjective,
  deadline: deadlineObjective,
};

/** Error `invalid` when the instance lacks what the objective is about. */
export function targetOf(problem: Problem, name: ObjectiveName = 'makespan', placing?: Placing): Target {
  const objective = objectives[name](problem);
  // Without gaps no order is lost: each schedule without needless waiting is one by its starts.
  const isFast = isPlain(problem) && name === 'makespan' && placing !== 'insertion';
  const rater = (): Rater => (isFast ? new FreeRater(problem) : new GeneralRater(problem, objective, placing ?? 'append'));
  return {
    problem,
    objective,
    placing,
    isFast,
    rater,
    state: () => (isFast ? new Evaluator(problem) : new RatedSolution(problem, rater())),
    scoreOf: (schedule) => objective.score(figuresOf(problem, schedule)),
    begin: () => (name === 'makespan' ? [] : [heft(problem, placing), ...energyLists(problem, placing)]),
  };
}
