/**
 * From an order of tasks and their processors to times, and to the score of an objective. There are two: the one that knows everything builds a
 * timetable; where transfers are free, nothing limits, and the makespan is what counts, a single pass does.
 */
import { figuresOf } from './figures.ts';
import type { Placing } from './network.ts';
import type { Objective } from './objective.ts';
import type { Memory, Problem } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { Timetable } from './timetable.ts';

export interface Rater {
  /** The score: smaller is better. */
  readonly rate: (order: Int32Array, processor: Int32Array) => number;
  readonly schedule: (order: Int32Array, processor: Int32Array) => Schedule;
}

/** Any instance, any objective. Tasks that do not fit into memory make a score above the objective's `top`. */
export class GeneralRater implements Rater {
  readonly #objective: Objective;
  readonly #timetable: Timetable;

  constructor(problem: Problem, objective: Objective, placing: Placing) {
    this.#objective = objective;
    this.#timetable = new Timetable(problem, placing);
  }

  rate(order: Int32Array, processor: Int32Array): number {
    const { problem, finish } = this.#timetable;
    const excess = problem.memory === undefined ? 0 : excessOf(problem.memory, processor);
    if (excess > 0) return this.#objective.top * (1 + excess);
    this.#place(order, processor);
    let makespan = 0;
    for (let task = 0; task < finish.length; task += 1) if (finish[task]! > makespan) makespan = finish[task]!;
    return this.#objective.score(figuresOf(problem, { processor, finish, makespan }));
  }

  schedule(order: Int32Array, processor: Int32Array): Schedule {
    this.#place(order, processor);
    const { processor: on, start, finish, departure } = this.#timetable.done();
    return scheduleOf(on.slice(), start.slice(), finish.slice(), departure?.slice());
  }

  #place(order: Int32Array, processor: Int32Array): void {
    this.#timetable.clear();
    for (const task of order) this.#timetable.placeOn(task, processor[task]!);
  }
}

/** What does not fit, as a part of all that is needed: 0 to 1. */
function excessOf({ need, of, capacity }: Memory, processor: Int32Array): number {
  const used = new Float64Array(capacity.length);
  const seen = new Set<number>();
  let all = 0;
  for (let task = 0; task < processor.length; task += 1) {
    const [p, own] = [processor[task]!, of[task]!];
    const key = own * capacity.length + p;
    if (seen.has(key)) continue;
    seen.add(key);
    used[p]! += need[own]!;
    all += need[own]!;
  }
  let excess = 0;
  for (let p = 0; p < used.length; p += 1) if (used[p]! > capacity[p]!) excess += used[p]! - capacity[p]!;
  return excess === 0 ? 0 : Math.min(1, excess / all);
}

/** Transfers free, tasks appended, makespan. */
export class FreeRater implements Rater {
  readonly #problem: Problem;
  readonly #start: Float64Array;
  readonly #finish: Float64Array;
  readonly #free: Float64Array;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#start = new Float64Array(problem.tasks);
    this.#finish = new Float64Array(problem.tasks);
    this.#free = new Float64Array(problem.processors);
  }

  rate(order: Int32Array, processor: Int32Array): number {
    const { compute, processors, inStart, inFrom, inEdge, latency, bandwidth, data } = this.#problem;
    const [start, finish, free] = [this.#start, this.#finish, this.#free];
    free.fill(0);
    let last = 0;
    for (const task of order) {
      const own = processor[task]!;
      let begin = free[own]!;
      for (let edge = inStart[task]!; edge < inStart[task + 1]!; edge += 1) {
        const source = inFrom[edge]!;
        const q = processor[source]!;
        let arrival = finish[source]!;
        if (q !== own) arrival += latency[q * processors + own]! + data[inEdge[edge]!]! / bandwidth[q * processors + own]!;
        if (arrival > begin) begin = arrival;
      }
      const end = begin + compute[task * processors + own]!;
      start[task] = begin;
      finish[task] = end;
      free[own] = end;
      if (end > last) last = end;
    }
    return last;
  }

  schedule(order: Int32Array, processor: Int32Array): Schedule {
    this.rate(order, processor);
    return scheduleOf(processor.slice(), this.#start.slice(), this.#finish.slice());
  }
}
