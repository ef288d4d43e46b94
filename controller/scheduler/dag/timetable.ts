/**
 * A schedule in the making, one task after the other, with all its times:
 *
 *     processor 0  ▐██1██▌  ▐███4███▌         a task goes into the first gap that is long enough; one that fits exactly counts
 *     processor 1     ▐██2██▌        ▐█5█▌
 *
 * A task begins when it is released, its processor is free and its inputs are there. With contention each transfer to it is booked as it is placed
 * (`network.ts`), in the order of its inputs.
 */
import { Network, type Placing } from './network.ts';
import { type Problem, transfer } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

const NOWHERE = -1;

export class Timetable {
  readonly problem: Problem;
  readonly processor: Int32Array;
  readonly start: Float64Array;
  readonly finish: Float64Array;
  readonly placing: Placing;
  /** Tasks of each processor by their start. */
  readonly #own: number[][];
  readonly #network: Network | undefined;

  /** `placing`: of tasks on processors and of transfers on links. */
  constructor(problem: Problem, placing: Placing = 'insertion') {
    this.problem = problem;
    this.placing = placing;
    this.#network = problem.contention === 'none' ? undefined : new Network(problem);
    this.processor = new Int32Array(problem.tasks).fill(NOWHERE);
    this.start = new Float64Array(problem.tasks);
    this.finish = new Float64Array(problem.tasks);
    this.#own = Array.from({ length: problem.processors }, () => []);
  }

  isPlaced(task: number): boolean {
    return this.processor[task] !== NOWHERE;
  }

  /** When it is released and everything that placed tasks hand to this one is on p. Tasks that are not placed yet do not count. */
  arrival(task: number, p: number): number {
    if (this.#network === undefined) return this.#freeArrival(task, p);
    const time = this.#book(this.#network, task, p);
    this.#unbook(this.#network, task, p);
    return time;
  }

  /** The earliest start on p: in a gap or behind everything, or only that. */
  startOn(task: number, p: number): number {
    return this.placing === 'insertion' ? this.earliestStart(task, p) : this.appendStart(task, p);
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
  appendStart(task: number, p: number, ready = this.arrival(task, p)): number {
    const last = this.#own[p]!.at(-1);
    return Math.max(ready, last === undefined ? 0 : this.finish[last]!);
  }

  /** `start`: as it was found for this task and processor, with nothing placed since. */
  place(task: number, p: number, start: number): void {
    if (this.#network !== undefined) this.#book(this.#network, task, p);
    this.#insert(task, p, start);
  }

  /** Places it on p as early as possible. */
  placeOn(task: number, p: number): void {
    const ready = this.#network === undefined ? this.#freeArrival(task, p) : this.#book(this.#network, task, p);
    this.#insert(task, p, this.placing === 'insertion' ? this.earliestStart(task, p, ready) : this.appendStart(task, p, ready));
  }

  #insert(task: number, p: number, start: number): void {
    const own = this.#own[p]!;
    this.processor[task] = p;
    this.start[task] = start;
    this.finish[task] = start + this.problem.compute[task * this.problem.processors + p]!;
    let at = own.length;
    while (at > 0 && this.#isBefore(task, own[at - 1]!)) at -= 1;
    own.splice(at, 0, task);
  }

  /** A task none of whose successors is placed. */
  remove(task: number): void {
    const p = this.processor[task]!;
    const own = this.#own[p]!;
    own.splice(own.indexOf(task), 1);
    this.processor[task] = NOWHERE;
    if (this.#network !== undefined) this.#unbook(this.#network, task, p);
  }

  /** Begins again with nothing placed. */
  clear(): void {
    this.processor.fill(NOWHERE);
    for (const own of this.#own) own.length = 0;
    this.#network?.clear();
  }

  /** The schedule; its arrays are those of this one. */
  done(): Schedule {
    return scheduleOf(this.processor, this.start, this.finish, this.#network?.departure);
  }

  #freeArrival(task: number, p: number): number {
    const { inStart, inFrom, inEdge, release } = this.problem;
    let time = release === undefined ? 0 : release[task]!;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const from = inFrom[at]!;
      const q = this.processor[from]!;
      if (q !== NOWHERE) time = Math.max(time, this.finish[from]! + transfer(this.problem, inEdge[at]!, q, p));
    }
    return time;
  }

  /** Books the transfers to a task on p. Returns when everything is there. */
  #book(network: Network, task: number, p: number): number {
    const { inStart, inFrom, inEdge, release } = this.problem;
    let time = release === undefined ? 0 : release[task]!;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const from = inFrom[at]!;
      const q = this.processor[from]!;
      if (q === NOWHERE) continue;
      const ready = this.finish[from]!;
      time = Math.max(time, q === p ? ready : network.book(inEdge[at]!, q, p, ready, this.placing));
    }
    return time;
  }

  #unbook(network: Network, task: number, p: number): void {
    const { inStart, inFrom, inEdge } = this.problem;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const q = this.processor[inFrom[at]!]!;
      if (q !== NOWHERE && q !== p) network.release(inEdge[at]!, q, p);
    }
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
