/**
 * Exact search. Tasks are appended in the order of their starts, so that every schedule without needless waiting is met once:
 *
 *     {} ─┬─ task 0 on p0 ─┬─ task 1 on p0 ─ …         a branch ends when no completion of it can beat the best schedule known:
 *         └─ task 0 on p1  └─ task 2 on p1 ─ …         by its bounds, or because another branch has done the same tasks no later
 *
 * Bounds of a branch: the earliest end of every open task, placement and transfers included, with the shortest way to the end behind it; and
 * the work that is left, weighed as in the area bound, on top of what is there.
 */
import { areaWeights, tailTimes } from './bounds.ts';
import { type Problem, transfer } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { Transpositions } from './transpositions.ts';

export interface Exact {
  readonly schedule: Schedule;
  /** Nothing better exists; false: the search was stopped before it was through. */
  readonly proven: boolean;
  readonly nodes: number;
}

const OPEN = -1;
const LOOK_EVERY = 1024;
/** Sums of floating-point numbers in another order differ by so much, relative to the makespan. */
const SLACK = 1e-9;

/** `known`: to be beaten. `stop` is asked now and then, and told how many nodes were looked at since. */
export function branchAndBound(problem: Problem, known: Schedule, stop: (nodes: number) => boolean): Exact {
  return new Search(problem, known, stop).run();
}

interface Child {
  readonly task: number;
  readonly processor: number;
  readonly start: number;
  readonly bound: number;
}

class Search {
  readonly #problem: Problem;
  readonly #stop: (nodes: number) => boolean;
  readonly #tails: Float64Array;
  readonly #rank: Int32Array;
  readonly #weights: Float64Array;
  /** The least weighed work of each task. */
  readonly #work: Float64Array;
  /** What an improvement is at least: 1 where all times are whole numbers. */
  readonly #step: number;
  readonly #seen: Transpositions;
  readonly #processor: Int32Array;
  readonly #start: Float64Array;
  readonly #finish: Float64Array;
  readonly #free: Float64Array;
  readonly #waiting: Int32Array;
  /** At task × processors + p: the earliest end of an open task there. */
  readonly #ends: Float64Array;
  #left = 0;
  #placed = 0;
  #best: Schedule;
  #nodes = 0;
  #stopped = false;

  constructor(problem: Problem, known: Schedule, stop: (nodes: number) => boolean) {
    const { tasks, processors, compute, inStart } = problem;
    this.#problem = problem;
    this.#stop = stop;
    this.#best = known;
    this.#tails = tailTimes(problem);
    this.#rank = new Int32Array(tasks);
    for (const [index, task] of problem.order.entries()) this.#rank[task] = index;
    this.#weights = areaWeights(problem, [...problem.order]).weights;
    this.#work = Float64Array.from({ length: tasks }, (_, task) => {
      let least = Number.POSITIVE_INFINITY;
      for (let p = 0; p < processors; p += 1) least = Math.min(least, this.#weights[p]! * compute[task * processors + p]!);
      return least;
    });
    this.#left = this.#work.reduce((sum, each) => sum + each, 0);
    this.#step = isWhole(problem) ? 1 : 0;
    this.#seen = new Transpositions(problem);
    this.#processor = new Int32Array(tasks).fill(OPEN);
    this.#start = new Float64Array(tasks);
    this.#finish = new Float64Array(tasks);
    this.#free = new Float64Array(processors);
    this.#waiting = Int32Array.from({ length: tasks }, (_, task) => inStart[task + 1]! - inStart[task]!);
    this.#ends = new Float64Array(tasks * processors);
  }

  run(): Exact {
    this.#visit(0, -1);
    return { schedule: this.#best, proven: !this.#stopped, nodes: this.#nodes };
  }

  /** No schedule of this length, or longer, is worth anything. */
  get #limit(): number {
    return this.#best.makespan - Math.max(this.#step - SLACK, SLACK * this.#best.makespan);
  }

  /** `last`, `lastRank`: start and topological rank of the task that was appended last. */
  #visit(last: number, lastRank: number): void {
    this.#nodes += 1;
    if (this.#nodes % LOOK_EVERY === 0 && this.#stop(LOOK_EVERY)) this.#stopped = true;
    if (this.#stopped) return;
    if (this.#placed === this.#problem.tasks) {
      this.#best = scheduleOf(this.#processor.slice(), this.#start.slice(), this.#finish.slice());
      return;
    }
    if (this.#seen.isDominated(this.#processor, this.#finish, this.#free, last, lastRank)) return;
    const children = this.#children(last, lastRank);
    children.sort((a, b) => a.bound - b.bound || a.start - b.start);
    for (const { task, processor, start, bound } of children) {
      if (bound > this.#limit) return;
      const before = this.#free[processor]!;
      this.#place(task, processor, start);
      this.#visit(start, this.#rank[task]!);
      this.#remove(task, processor, before);
    }
  }

  #children(last: number, lastRank: number): Child[] {
    const { tasks, processors, compute } = this.#problem;
    const children: Child[] = [];
    for (let task = 0; task < tasks; task += 1) {
      if (this.#processor[task] !== OPEN || this.#waiting[task]! > 0) continue;
      for (let p = 0; p < processors; p += 1) {
        const start = Math.max(this.#free[p]!, this.#arrival(task, p));
        if (start < last || (start === last && this.#rank[task]! < lastRank)) continue;
        const key = task * processors + p;
        if (start + compute[key]! + this.#tails[key]! > this.#limit) continue;
        const before = this.#free[p]!;
        this.#place(task, p, start);
        const bound = this.#bound(start);
        this.#remove(task, p, before);
        if (bound <= this.#limit) children.push({ task, processor: p, start, bound });
      }
    }
    return children;
  }

  /** When the inputs of a ready task are on p. */
  #arrival(task: number, p: number): number {
    const { inStart, inFrom, inEdge } = this.#problem;
    let time = 0;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
      const from = inFrom[at]!;
      time = Math.max(time, this.#finish[from]! + transfer(this.#problem, inEdge[at]!, this.#processor[from]!, p));
    }
    return time;
  }

  /** Of every completion of what is placed now. Nothing that is appended starts before `last`. */
  #bound(last: number): number {
    const { processors, compute, order, inStart, inFrom, inEdge } = this.#problem;
    const [ends, tails, limit] = [this.#ends, this.#tails, this.#limit];
    let bound = this.#left;
    for (let p = 0; p < processors; p += 1) bound += this.#weights[p]! * Math.max(this.#free[p]!, last);
    if (bound > limit) return bound;
    for (const task of order) {
      const own = this.#processor[task]!;
      if (own !== OPEN) {
        bound = Math.max(bound, this.#finish[task]!);
        continue;
      }
      let shortest = Number.POSITIVE_INFINITY;
      for (let p = 0; p < processors; p += 1) {
        let start = Math.max(this.#free[p]!, last);
        for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
          const from = inFrom[at]!;
          const q = this.#processor[from]!;
          if (q !== OPEN) start = Math.max(start, this.#finish[from]! + transfer(this.#problem, inEdge[at]!, q, p));
          else start = Math.max(start, this.#earliestFrom(from, inEdge[at]!, p));
        }
        const key = task * processors + p;
        ends[key] = start + compute[key]!;
        shortest = Math.min(shortest, ends[key]! + tails[key]!);
      }
      bound = Math.max(bound, shortest);
      if (bound > limit) return bound;
    }
    return bound;
  }

  /** When an open task's data could be on p. */
  #earliestFrom(from: number, edge: number, p: number): number {
    const { processors } = this.#problem;
    let earliest = Number.POSITIVE_INFINITY;
    for (let q = 0; q < processors; q += 1) {
      earliest = Math.min(earliest, this.#ends[from * processors + q]! + transfer(this.#problem, edge, q, p));
    }
    return earliest;
  }

  #place(task: number, p: number, start: number): void {
    const { compute, processors, outStart, outTo } = this.#problem;
    this.#processor[task] = p;
    this.#start[task] = start;
    this.#finish[task] = start + compute[task * processors + p]!;
    this.#free[p] = this.#finish[task]!;
    this.#left -= this.#work[task]!;
    this.#placed += 1;
    for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) this.#waiting[outTo[at]!]! -= 1;
  }

  #remove(task: number, p: number, before: number): void {
    const { outStart, outTo } = this.#problem;
    this.#processor[task] = OPEN;
    this.#free[p] = before;
    this.#left += this.#work[task]!;
    this.#placed -= 1;
    for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) this.#waiting[outTo[at]!]! += 1;
  }
}

/** All times and transfers are whole numbers, and with them all makespans. */
function isWhole(problem: Problem): boolean {
  const { compute, data, processors } = problem;
  if (!compute.every(Number.isInteger)) return false;
  for (let edge = 0; edge < data.length; edge += 1) {
    for (let p = 0; p < processors; p += 1) {
      for (let q = 0; q < processors; q += 1) if (!Number.isInteger(transfer(problem, edge, p, q))) return false;
    }
  }
  return true;
}
