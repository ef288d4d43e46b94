/**
 * Exact search: a schedule that is optimal, or a lower bound on every schedule, or both.
 *
 *     lower ──────▶ refuted without a decision ◀── bisection ──▶ limit ◀────── best known − 1
 *                                                                  └── search below: a better schedule, or none: the best known is optimal
 *
 * It knows times, links and releases; memory and contention it does not, and `exact.ts` says what that means.
 * The search itself is in `exact/`: it decides where tasks run and in which order, draws conclusions, and learns from contradictions. What it has
 * learned is kept when it is stopped and goes on later, with a better schedule from elsewhere too.
 */
import { Model } from './exact/model.ts';
import { Search } from './exact/search.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

export interface Exact {
  readonly schedule: Schedule;
  /** Nothing better exists; false: the search was stopped before it was through. */
  readonly proven: boolean;
  /** No schedule can be shorter. Equal to the makespan when that is proven. */
  readonly lowerBound: number;
  /** Contradictions that were met: the measure of its effort. */
  readonly nodes: number;
}

/** Pairs of tasks take memory that grows with their square; larger instances get bounds alone. */
const PAIRS_TASKS_MAX = 200;
/** The bisection ends when what is left is this part of the bound. */
const BISECTION = 1e-4;
const SLACK = 1e-9;

/** `known`: to be beaten. `stop` is asked now and then, and told how many nodes were looked at since. */
export function branchAndBound(problem: Problem, known: Schedule, stop: (nodes: number) => boolean): Exact {
  const exact = new ExactSearch(problem, known);
  exact.refute(() => stop(0));
  return exact.run(stop);
}

export class ExactSearch {
  readonly #model: Model;
  readonly #search: Search;
  readonly #canSearch: boolean;
  #best: Schedule;
  /** In the model's time: every makespan of at most this was refuted. */
  #refuted = -1;
  #nodes = 0;
  /** The limit of the search; nothing above is looked for. */
  #limit = Number.POSITIVE_INFINITY;
  #isThrough = false;

  /** `lower`: no schedule is shorter, as is known already. */
  constructor(problem: Problem, known: Schedule, lower = 0) {
    this.#canSearch = problem.tasks <= PAIRS_TASKS_MAX;
    this.#model = new Model(problem, known.makespan, this.#canSearch);
    this.#search = new Search(this.#model, known);
    this.#best = known;
    this.#refuted = Math.ceil(lower * this.#model.scale * (1 - SLACK)) - 1;
  }

  get result(): Exact {
    const { makespan } = this.#best;
    // Lengths were cut: what the rounding took away is within the tolerance of all comparisons.
    const lower = this.#refuted < 0 ? 0 : ((this.#refuted + 1) / this.#model.scale) * (this.#model.scale === 1 ? 1 : 1 - SLACK);
    return {
      schedule: this.#best,
      proven: this.#isThrough,
      lowerBound: this.#isThrough ? makespan : Math.min(lower, makespan),
      nodes: this.#nodes,
    };
  }

  /** A better schedule from elsewhere; others change nothing. */
  improve(known: Schedule): void {
    if (known.makespan >= this.#best.makespan) return;
    this.#best = known;
    this.#search.prefer(known);
  }

  /** Raises the lower bound as far as that goes without a decision. */
  refute(stop: () => boolean): Exact {
    this.#restrict();
    let [low, high] = [this.#refuted, this.#limit];
    while (!this.#isThrough && high - low > Math.max(1, BISECTION * high) && !stop()) {
      const middle = low + Math.ceil((high - low) / 2);
      if (middle >= this.#limit) break;
      if (this.#search.probe(middle)) high = middle;
      else low = middle;
    }
    this.#refuted = Math.max(this.#refuted, low);
    return this.result;
  }

  /** Goes on until it is through or stopped. */
  run(stop: (nodes: number) => boolean): Exact {
    if (!this.#canSearch) return this.result;
    for (this.#restrict(); !this.#isThrough; this.#restrict()) {
      const outcome = this.#search.run((nodes) => {
        this.#nodes += nodes;
        return stop(nodes);
      });
      if (outcome === 'none') this.#isThrough = true;
      else if (outcome === 'found') this.#take(this.#search.schedule);
      else break;
    }
    return this.result;
  }

  /** What was found within the limit: never again one like it, even if rounding makes it no better than the best. */
  #take(found: Schedule): void {
    this.improve(found);
    this.#restrict(this.#limit - 1);
  }

  /** Looks only for what is better than the best. */
  #restrict(most = Number.POSITIVE_INFINITY): void {
    const limit = Math.min(most, this.#model.limitBelow(this.#best.makespan));
    if (this.#isThrough || limit >= this.#limit) return;
    this.#limit = limit;
    if (limit <= this.#refuted || !this.#search.restrict(limit)) this.#isThrough = true;
  }
}
