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
  /** The last finish from each position on. */
  readonly #lastFrom: Float64Array;
  /** Of a trial: ends, where they differ from the current ones for the tasks listed in `touched`; processors and tasks that it reaches. */
  readonly #trialFinish: Float64Array;
  readonly #touched: Int32Array;
  readonly #reached: Uint8Array;
  readonly #marks: Float64Array;
  #touchedCount = 0;
  #trial = 0;
  #trialTask = 0;
  #trialProcessor = 0;
  #trialTo = 0;

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
    this.#touched = new Int32Array(tasks);
    this.#reached = new Uint8Array(processors);
    this.#marks = new Float64Array(tasks);
    this.#lastFrom = new Float64Array(tasks + 1);
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

  /**
   * The cost with a task at another place and on another processor; Infinity as soon as it is certain to exceed `limit`. Only what the change
   * reaches is computed: a task whose processor was reached, or one of whose inputs ends at another time. When nothing is left to be reached,
   * the rest is as it was.
   */
  try(task: number, to: number, p: number, limit: number): number {
    const { compute, inStart, inFrom, outStart, outTo, processors, tasks } = this.problem;
    const [order, processor, position, finish, trial] = [this.order, this.processor, this.position, this.#finish, this.#trialFinish];
    const [table, tails, free, now, reached, marks] = [this.#table, this.#tails, this.#free, this.#now, this.#reached, this.#marks];
    this.#forget();
    const was = position[task]!;
    const from = Math.min(was, to);
    const changedEnd = Math.max(was, to);
    const shift = was < to ? 1 : -1;
    this.#trialTask = task;
    this.#trialProcessor = p;
    this.#trialTo = to;
    this.#trial += 1;
    const mark = this.#trial;
    reached.fill(0);
    const old = processor[task]!;
    for (const q of [old, p]) {
      reached[q] = 1;
      now[q] = free[from * processors + q]!;
    }
    marks[task] = mark;
    let pending = 1;
    let processorsReached = old === p ? 1 : 2;
    let last = this.#last[from]!;
    for (let at = from; at < tasks; at += 1) {
      if (pending === 0 && processorsReached === 0 && at > changedEnd) {
        last = Math.max(last, this.#lastFrom[at]!);
        break;
      }
      const each = at > changedEnd ? order[at]! : at === to ? task : order[at + shift]!;
      const own = each === task ? p : processor[each]!;
      const marked = marks[each] === mark;
      if (marked || reached[own] === 1) {
        if (marked) pending -= 1;
        let start = reached[own] === 1 ? now[own]! : free[position[each]! * processors + own]!;
        for (let edge = inStart[each]!; edge < inStart[each + 1]!; edge += 1) {
          const source = inFrom[edge]!;
          const q = source === task ? p : processor[source]!;
          let arrival = trial[source]!;
          if (q !== own) arrival += table === undefined ? this.#way(edge, q, own) : table[(edge * processors + q) * processors + own]!;
          if (arrival > start) start = arrival;
        }
        const key = each * processors + own;
        const end = start + compute[key]!;
        if (end + tails[key]! > limit) return Number.POSITIVE_INFINITY;
        last = Math.max(last, end);
        // Data come from another place, or at another time.
        if (end !== finish[each] || (each === task && own !== old)) {
          trial[each] = end;
          this.#touched[this.#touchedCount] = each;
          this.#touchedCount += 1;
          for (let edge = outStart[each]!; edge < outStart[each + 1]!; edge += 1) {
            const next = outTo[edge]!;
            if (marks[next] === mark) continue;
            marks[next] = mark;
            pending += 1;
          }
        }
        now[own] = end;
        if (reached[own] === 0) {
          reached[own] = 1;
          processorsReached += 1;
        }
        // Behind the change: a processor that is free when it was is as it was.
        if (at > changedEnd && end === free[(at + 1) * processors + own]) {
          reached[own] = 0;
          processorsReached -= 1;
        }
      } else last = Math.max(last, finish[each]!);
      if (at !== changedEnd) continue;
      for (let q = 0; q < processors; q += 1) {
        if (reached[q] === 0 || now[q] !== free[(at + 1) * processors + q]) continue;
        reached[q] = 0;
        processorsReached -= 1;
      }
    }
    for (let q = 0; q < processors; q += 1) if (reached[q] === 0) now[q] = free[tasks * processors + q]!;
    return last + this.#balance(now, 0);
  }

  #way(edge: number, p: number, q: number): number {
    return transfer(this.problem, this.problem.inEdge[edge]!, p, q);
  }

  #balance(free: Float64Array, from: number): number {
    let sum = 0;
    for (let p = 0; p < this.problem.processors; p += 1) sum += free[from + p]!;
    return (BALANCE * sum) / this.problem.processors;
  }

  /** Makes the last trial, which must have come to its end, the current solution. */
  take(): void {
    const { order, position } = this;
    const [task, to] = [this.#trialTask, this.#trialTo];
    const was = position[task]!;
    if (was < to) order.copyWithin(was, was + 1, to + 1);
    else order.copyWithin(to + 1, to, was);
    order[to] = task;
    this.processor[task] = this.#trialProcessor;
    const from = Math.min(was, to);
    for (let at = from; at <= Math.max(was, to); at += 1) position[order[at]!] = at;
    this.#touchedCount = 0;
    this.#settle(from);
  }

  /** After a trial that was not taken. */
  #forget(): void {
    for (let index = 0; index < this.#touchedCount; index += 1) {
      const task = this.#touched[index]!;
      this.#trialFinish[task] = this.#finish[task]!;
    }
    this.#touchedCount = 0;
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
      this.#trialFinish[task] = end;
      for (let q = 0; q < processors; q += 1) {
        free[base + processors + q] = free[base + q]!;
        lastOn[base + processors + q] = lastOn[base + q]!;
      }
      free[base + processors + own] = end;
      lastOn[base + processors + own] = task;
      this.#last[at + 1] = Math.max(this.#last[at]!, end);
    }
    for (let at = this.order.length - 1; at >= 0; at -= 1) {
      this.#lastFrom[at] = Math.max(this.#lastFrom[at + 1]!, this.#finish[this.order[at]!]!);
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

/** At (edge × processors + p) × processors + q; edges as they stand side by side by their targets. */
function tableOf(problem: Problem): Float64Array {
  const { processors, data, inEdge } = problem;
  const table = new Float64Array(data.length * processors ** 2);
  for (let edge = 0; edge < data.length; edge += 1) {
    for (let p = 0; p < processors; p += 1) {
      for (let q = 0; q < processors; q += 1) table[(edge * processors + p) * processors + q] = transfer(problem, inEdge[edge]!, p, q);
    }
  }
  return table;
}
