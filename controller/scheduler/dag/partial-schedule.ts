/**
 * A schedule in the making, for algorithms that place one task after the other:
 *
 *     processor 0  ▐██1██▌  ▐███4███▌         a task goes into the first gap that is long enough; one that fits exactly counts
 *     processor 1     ▐██2██▌        ▐█5█▌
 */
import { type Problem, transfer } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

const NOWHERE = -1;

export class PartialSchedule {
  readonly problem: Problem;
  readonly processor: Int32Array;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  /** Tasks of each processor by their start. */
  readonly #own: number[][];

  constructor(problem: Problem) {
    this.problem = problem;
    this.processor = new Int32Array(problem.tasks).fill(NOWHERE);
    this.start = new Float64Array(problem.tasks);
    this.finish = new Float64Array(problem.tasks);
    this.#own = Array.from({ length: problem.processors }, () => []);
  }

  isPlaced(task: number): boolean {
    return this.processor[task] !== NOWHERE;
  }

  /** When everything that placed tasks hand to this one is on p. Tasks that are not placed yet do not count. */
  arrival(task: number, p: number): number {
    const { inStart, inFrom, inEdge } = this.problem;
    let time = 0;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const from = inFrom[at]!;
      const q = this.processor[from]!;
      if (q !== NOWHERE) time = Math.max(time, this.finish[from]! + transfer(this.problem, inEdge[at]!, q, p));
    }
    return time;
  }

  /** The earliest start on p in a gap or behind everything. */
  earliestStart(task: number, p: number, ready = this.arrival(task, p)): number {
    const own = this.#own[p]!;
    const length = this.problem.compute[task * this.problem.processors + p]!;
    let from = ready;
    for (let index = this.#firstEndingAfter(own, ready); index < own.length; index += 1) {
      const next = own[index]!;
      if (from + length <= this.start[next]!) return from;
      from = Math.max(from, this.finish[next]!);
    }
    return from;
  }

  /** Behind everything that is on p. */
  appendStart(task: number, p: number): number {
    const last = this.#own[p]!.at(-1);
    return Math.max(this.arrival(task, p), last === undefined ? 0 : this.finish[last]!);
  }

  place(task: number, p: number, start: number): void {
    const own = this.#own[p]!;
    this.processor[task] = p;
    this.start[task] = start;
    this.finish[task] = start + this.problem.compute[task * this.problem.processors + p]!;
    let at = own.length;
    while (at > 0 && this.#isBefore(task, own[at - 1]!)) at -= 1;
    own.splice(at, 0, task);
  }

  remove(task: number): void {
    const own = this.#own[this.processor[task]!]!;
    own.splice(own.indexOf(task), 1);
    this.processor[task] = NOWHERE;
  }

  /** Of the processors the one where the task ends first; the lower index of equals. */
  placeEarliest(task: number): void {
    let [best, bestStart, bestFinish] = [0, 0, Number.POSITIVE_INFINITY];
    for (let p = 0; p < this.problem.processors; p += 1) {
      const start = this.earliestStart(task, p);
      const finish = start + this.problem.compute[task * this.problem.processors + p]!;
      if (finish < bestFinish) [best, bestStart, bestFinish] = [p, start, finish];
    }
    this.place(task, best, bestStart);
  }

  done(): Schedule {
    return scheduleOf(this.processor, this.start, this.finish);
  }

  /** Tasks without length may share a moment with others: whoever starts later, or ends later, comes later. */
  #isBefore(task: number, other: number): boolean {
    return this.start[task]! < this.start[other]! || (this.start[task] === this.start[other] && this.finish[task]! < this.finish[other]!);
  }

  #firstEndingAfter(own: readonly number[], time: number): number {
    let [low, high] = [0, own.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.finish[own[middle]!]! <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
