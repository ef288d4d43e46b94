/**
 * From an order of tasks and a processor for each to a schedule, as often and as fast as a local search asks for it:
 *
 *     order      3 1 4 0 2        each task begins when its processor is free and its inputs are there, never before
 *     processor  0 0 1 0 1        those in front of it on its processor: every schedule without needless waiting is one of these
 *
 * A change is tried from the first position that it touches; what lies before stays. The trial ends as soon as it is certain to be worse
 * than what would be accepted: a task's finish and the shortest way from there to the end (`tails`) are a bound.
 */
import { tailTimes } from './bounds.ts';
import { type Problem, transfer } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

const NOTHING = -1;

/**
 * What the mean end of the processors counts beside the makespan. Most changes leave the makespan as it is; this tells which of them make room.
 */
const BALANCE = 0.1;

/** Transfer times are looked up in a table up to this size. */
const TABLE_MAX = 4_000_000;

export class Evaluator {
  readonly problem: Problem;
  /** The current solution: task at each position, position of each task, its processor. */
  readonly order: Int32Array;
  readonly position: Int32Array;
  readonly processor: Int32Array;
  makespan = Number.POSITIVE_INFINITY;
  /** What a search makes small: the makespan and, with little weight, the mean end of the processors. */
  cost = Number.POSITIVE_INFINITY;
  /** A path of tasks without any waiting in between that ends last, from its end: `criticalLength` of them. Only a change to one of these can help. */
  readonly critical: Int32Array;
  criticalLength = 0;
  readonly #start: Float64Array;
  readonly #finish: Float64Array;
  /** What each task waited for last: the task before it on its processor, or one whose data came last; -1: for nothing. */
  readonly #cause: Int32Array;
  readonly #lastOn: Int32Array;
  /** When each processor is free before each position. */
  readonly #free: Float64Array;
  /** The last finish before each position. */
  readonly #last: Float64Array;
  readonly #tails: Float64Array;
  readonly #table: Float64Array | undefined;
  readonly #now: Float64Array;
  /** What a trial found, for when it is taken. */
  readonly #trialFinish: Float64Array;
  readonly #trialOrder: Int32Array;
  #trialTask = 0;
  #trialProcessor = 0;
  #trialFrom = 0;

  constructor(problem: Problem) {
    const { tasks, processors, data } = problem;
    this.problem = problem;
    this.order = problem.order.slice();
    this.position = new Int32Array(tasks);
    this.processor = new Int32Array(tasks);
    this.#start = new Float64Array(tasks);
    this.#finish = new Float64Array(tasks);
    this.critical = new Int32Array(tasks);
    this.#cause = new Int32Array(tasks);
    this.#lastOn = new Int32Array((tasks + 1) * processors).fill(NOTHING);
    this.#trialFinish = new Float64Array(tasks);
    this.#trialOrder = new Int32Array(tasks);
    this.#free = new Float64Array((tasks + 1) * processors);
    this.#last = new Float64Array(tasks + 1);
    this.#now = new Float64Array(processors);
    this.#tails = tailTimes(problem);
    this.#table = data.length * processors ** 2 <= TABLE_MAX ? tableOf(problem) : undefined;
  }

  /** Takes over a solution: tasks by their start, which is an order that makes a schedule at least as good. */
  adopt({ processor, start, finish }: Schedule): void {
    const { tasks, order } = this.problem;
    const rank = new Int32Array(tasks);
    for (const [index, task] of order.entries()) rank[task] = index;
    const byStart = Int32Array.from({ length: tasks }, (_, task) => task);
    byStart.sort((a, b) => start[a]! - start[b]! || finish[a]! - finish[b]! || rank[a]! - rank[b]!);
    this.restore(byStart, processor);
  }

  /** Takes over an order and processors as they were. */
  restore(order: Int32Array, processor: Int32Array): void {
    this.order.set(order);
    this.processor.set(processor);
    for (const [index, task] of order.entries()) this.position[task] = index;
    this.#settle(0);
  }

  schedule(): Schedule {
    return scheduleOf(this.processor.slice(), this.#start.slice(), this.#finish.slice());
  }

  /** The positions a task may be moved to: behind all it waits for and before all that wait for it, both included. */
  earliestPosition(task: number): number {
    const { inStart, inFrom } = this.problem;
    let after = -1;
    for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) after = Math.max(after, this.position[inFrom[at]!]!);
    return after + 1;
  }

  latestPosition(task: number): number {
    const { outStart, outTo, tasks } = this.problem;
    let before = tasks;
    for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) before = Math.min(before, this.position[outTo[at]!]!);
    return before - 1;
  }

  /** The cost with a task at another place and on another processor; Infinity as soon as it is certain to exceed `limit`. */
  try(task: number, to: number, p: number, limit: number): number {
    const { processors, compute, inStart, inFrom, inEdge } = this.problem;
    const [order, trialOrder, position, finish, trial] = [this.order, this.#trialOrder, this.position, this.#finish, this.#trialFinish];
    const [table, tails, now] = [this.#table, this.#tails, this.#now];
    const was = position[task]!;
    const from = Math.min(was, to);
    this.#trialTask = task;
    this.#trialProcessor = p;
    this.#trialFrom = from;
    if (was < to) {
      trialOrder.set(order.subarray(was + 1, to + 1), was);
      trialOrder[to] = task;
    } else {
      trialOrder[to] = task;
      trialOrder.set(order.subarray(to, was), to + 1);
    }
    const changedEnd = Math.max(was, to);
    for (let q = 0; q < processors; q += 1) now[q] = this.#free[from * processors + q]!;
    let last = this.#last[from]!;
    const tasks = order.length;
    for (let at = from; at < tasks; at += 1) {
      const each = at <= changedEnd ? trialOrder[at]! : order[at]!;
      const own = each === task ? p : this.processor[each]!;
      let start = now[own]!;
      for (let edge = inStart[each]!; edge < inStart[each + 1]!; edge += 1) {
        const source = inFrom[edge]!;
        const q = source === task ? p : this.processor[source]!;
        // What lies before the change has its old finish; a task in the range of the change was tried before it is read.
        let arrival = source === task || position[source]! >= from ? trial[source]! : finish[source]!;
        if (q !== own) {
          arrival +=
            table === undefined
              ? transfer(this.problem, inEdge[edge]!, q, own)
              : table[(inEdge[edge]! * processors + q) * processors + own]!;
        }
        if (arrival > start) start = arrival;
      }
      const key = each * processors + own;
      const end = start + compute[key]!;
      if (end + tails[key]! > limit) return Number.POSITIVE_INFINITY;
      trial[each] = end;
      now[own] = end;
      last = Math.max(last, end);
    }
    return last + this.#balance(now, 0);
  }

  #balance(free: Float64Array, from: number): number {
    let sum = 0;
    for (let p = 0; p < this.problem.processors; p += 1) sum += free[from + p]!;
    return (BALANCE * sum) / this.problem.processors;
  }

  /** Makes the last trial, which must have come to its end, the current solution. */
  take(): void {
    const task = this.#trialTask;
    const was = this.position[task]!;
    this.processor[task] = this.#trialProcessor;
    const from = this.#trialFrom;
    // The rest of the range is what `try` wrote down.
    const { order, position } = this;
    const to = this.#trialOrder.indexOf(task, from);
    const end = Math.max(was, to);
    for (let at = from; at <= end; at += 1) {
      const each = this.#trialOrder[at]!;
      order[at] = each;
      position[each] = at;
    }
    this.#settle(from);
  }

  /** Computes everything from a position on. */
  #settle(from: number): void {
    const { processors, compute, inStart, inFrom, inEdge } = this.problem;
    const [free, lastOn] = [this.#free, this.#lastOn];
    for (let at = from; at < this.order.length; at += 1) {
      const task = this.order[at]!;
      const own = this.processor[task]!;
      const base = at * processors;
      let start = free[base + own]!;
      let cause = lastOn[base + own]!;
      for (let edge = inStart[task]!; edge < inStart[task + 1]!; edge += 1) {
        const source = inFrom[edge]!;
        const arrival = this.#finish[source]! + transfer(this.problem, inEdge[edge]!, this.processor[source]!, own);
        if (arrival <= start) continue;
        start = arrival;
        cause = source;
      }
      this.#cause[task] = cause;
      const end = start + compute[task * processors + own]!;
      this.#start[task] = start;
      this.#finish[task] = end;
      for (let q = 0; q < processors; q += 1) {
        free[base + processors + q] = free[base + q]!;
        lastOn[base + processors + q] = lastOn[base + q]!;
      }
      free[base + processors + own] = end;
      lastOn[base + processors + own] = task;
      this.#last[at + 1] = Math.max(this.#last[at]!, end);
    }
    this.makespan = this.#last[this.order.length]!;
    this.cost = this.makespan + this.#balance(free, this.order.length * processors);
    this.#findCritical();
  }

  #findCritical(): void {
    let task = this.order.at(-1)!;
    for (const each of this.order) if (this.#finish[each] === this.makespan) task = each;
    this.criticalLength = 0;
    for (; task !== NOTHING; task = this.#cause[task]!) {
      this.critical[this.criticalLength] = task;
      this.criticalLength += 1;
    }
  }
}

/** At (edge × processors + p) × processors + q. */
function tableOf(problem: Problem): Float64Array {
  const { processors, data } = problem;
  const table = new Float64Array(data.length * processors ** 2);
  for (let edge = 0; edge < data.length; edge += 1) {
    for (let p = 0; p < processors; p += 1) {
      for (let q = 0; q < processors; q += 1) table[(edge * processors + p) * processors + q] = transfer(problem, edge, p, q);
    }
  }
  return table;
}
