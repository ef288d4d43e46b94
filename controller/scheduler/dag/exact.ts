/**
 * The exact search, for whatever an instance says. It knows makespans, times, links and releases only. Where an instance says more, it proves what
 * holds without that, which is a lower bound; and its schedule, its tasks in the same order on the same processors, may be as short with it: then
 * that is optimal.
 */
import { ExactSearch } from './branch-and-bound.ts';
import { heft } from './heft.ts';
import { orderByStart } from './ordering.ts';
import { isPlain, type Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { betterOf, type Solution, solutionOf } from './solution.ts';
import { type Target, targetOf } from './target.ts';

/** Of another objective than the makespan: the schedule with the shortest makespan, rated by it. `stop`: as for the exact search. */
export function exact(target: Target, stop: (conflicts: number) => boolean): Solution {
  const { problem, objective, placing } = target;
  if (objective.name !== 'makespan') return solutionOf(target, exact(targetOf(problem, 'makespan', placing), stop).schedule);
  const begin = heft(problem, placing);
  const bound = objective.lowerBound();
  const search = new ExactRounds(target, begin, bound, () => stop(0));
  search.run(begin, stop);
  return solutionOf(target, betterOf(target, begin, search.schedule ?? begin), Math.max(bound, search.lowerBound));
}

/** An exact search that is asked again and again, and goes on where it was. */
export class ExactRounds {
  readonly #target: Target;
  readonly #isWhole: boolean;
  readonly #without: Problem;
  readonly #search: ExactSearch;
  #ideal: Schedule;
  #schedule: Schedule | undefined;

  /** `best`: to be beaten. `bound`: what is known already. `stop`: asked while the first bounds are looked for. */
  constructor(target: Target, best: Schedule, bound: number, stop: () => boolean) {
    const { problem } = target;
    this.#target = target;
    this.#isWhole = isPlain(problem);
    this.#without = { ...problem, memory: undefined, contention: 'none' };
    this.#ideal = this.#isWhole ? best : heft(this.#without);
    // What is known of the whole need not hold without memory and contention.
    this.#search = new ExactSearch(this.#without, this.#ideal, this.#isWhole ? bound : 0);
    this.#search.refute(stop);
  }

  /** With everything the instance says; undefined when none was found that fits into memory. */
  get schedule(): Schedule | undefined {
    return this.#schedule;
  }

  /** No schedule is shorter. */
  get lowerBound(): number {
    return this.#search.result.lowerBound;
  }

  /** `best`: what is known now. `stop` is told how many contradictions were met since it was asked last. */
  run(best: Schedule, stop: (conflicts: number) => boolean): void {
    if (this.#isWhole) this.#search.improve(best);
    const { schedule } = this.#search.run(stop);
    if (this.#isWhole) this.#schedule = schedule;
    else if (schedule !== this.#ideal || this.#schedule === undefined) this.#schedule = this.#rated(schedule);
    this.#ideal = schedule;
  }

  #rated(ideal: Schedule): Schedule | undefined {
    const { objective, rater } = this.#target;
    const [order, rating] = [orderByStart(this.#without, ideal), rater()];
    const fits = rating.rate(order, ideal.processor) < objective.top;
    return fits ? rating.schedule(order, ideal.processor) : undefined;
  }
}
