/**
 * A solution a local search stands on, for any instance and objective: a change is tried by building the whole timetable again. Where transfers are
 * free and the makespan counts, `evaluator.ts` does the same far faster.
 */
import { Ordering, orderByStart, shift } from './ordering.ts';
import type { Problem } from './problem.ts';
import type { Rater } from './rater.ts';
import type { Schedule } from './schedule.ts';
import type { SearchState } from './search-state.ts';

export class RatedSolution extends Ordering implements SearchState {
  readonly #rater: Rater;
  readonly #trialOrder: Int32Array;
  readonly #trialProcessor: Int32Array;
  score = Number.POSITIVE_INFINITY;
  #trialScore = Number.POSITIVE_INFINITY;
  /** Any change may help: every task is looked at as often. */
  readonly critical: Int32Array;
  readonly criticalLength: number;

  constructor(problem: Problem, rater: Rater) {
    super(problem);
    this.#rater = rater;
    this.#trialOrder = new Int32Array(problem.tasks);
    this.#trialProcessor = new Int32Array(problem.tasks);
    this.critical = problem.order;
    this.criticalLength = problem.tasks;
  }

  get cost(): number {
    return this.score;
  }

  adopt(schedule: Schedule): void {
    this.restore(orderByStart(this.problem, schedule), schedule.processor);
  }

  restore(order: Int32Array, processor: Int32Array): void {
    this.order.set(order);
    this.processor.set(processor);
    for (const [at, task] of order.entries()) this.position[task] = at;
    this.score = this.#rater.rate(this.order, this.processor);
  }

  schedule(): Schedule {
    return this.#rater.schedule(this.order, this.processor);
  }

  try(task: number, to: number, p: number, limit: number): number {
    this.#trialOrder.set(this.order);
    this.#trialProcessor.set(this.processor);
    shift(this.#trialOrder, this.position[task]!, to);
    this.#trialProcessor[task] = p;
    this.#trialScore = this.#rater.rate(this.#trialOrder, this.#trialProcessor);
    return this.#trialScore > limit ? Number.POSITIVE_INFINITY : this.#trialScore;
  }

  take(): void {
    this.order.set(this.#trialOrder);
    this.processor.set(this.#trialProcessor);
    for (const [at, task] of this.order.entries()) this.position[task] = at;
    this.score = this.#trialScore;
  }
}
