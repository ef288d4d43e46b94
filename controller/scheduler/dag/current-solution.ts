/**
 * The solution a local search stands on: an order of tasks and a processor for each, with all times that follow, and the longest way behind
 * each task. A change is made by computing what it reaches and nothing else.
 */
import { Ordering, orderByStart, shift } from './ordering.ts';
import { type Problem, transfer } from './problem.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

export const NOTHING = -1;

/**
 * What the mean end of the processors counts beside the makespan. Most changes leave the makespan as it is; this tells which of them make room.
 */
export const BALANCE = 0.1;

/** Transfer times are looked up in a table up to this size. */
const TABLE_MAX = 4_000_000;

export class CurrentSolution extends Ordering {
  makespan = Number.POSITIVE_INFINITY;
  /** What a search makes small: the makespan and, with little weight, the mean end of the processors. */
  cost = Number.POSITIVE_INFINITY;
  /** A path of tasks without any waiting in between that ends last, from its end: `criticalLength` of them. Only a change to one of these can help. */
  readonly critical: Int32Array;
  criticalLength = 0;
  readonly #start: Float64Array;
  protected readonly finish: Float64Array;
  /** The tasks before and behind each on its processor, and the last of each processor. */
  protected readonly before: Int32Array;
  readonly #behind: Int32Array;
  protected readonly lastOn: Int32Array;
  /** The last finish before each position, and from each position on. */
  protected readonly last: Float64Array;
  protected readonly lastFrom: Float64Array;
  /** From the end of each task to the end of what follows it in the current solution, on its processor or through its data. */
  protected readonly rest: Float64Array;
  protected readonly table: Float64Array | undefined;
  readonly #marks: Int32Array;
  #mark = 0;

  constructor(problem: Problem) {
    const { tasks, processors, data } = problem;
    const times = (): Float64Array => new Float64Array(tasks);
    const numbers = (): Int32Array => new Int32Array(tasks);
    super(problem);
    this.critical = numbers();
    [this.#start, this.finish, this.rest] = [times(), times(), times()];
    [this.before, this.#behind, this.#marks] = [numbers(), numbers(), numbers()];
    this.lastOn = new Int32Array(processors);
    this.last = new Float64Array(tasks + 1);
    this.lastFrom = new Float64Array(tasks + 1);
    this.table = data.length * processors ** 2 <= TABLE_MAX ? tableOf(problem) : undefined;
  }

  /** Takes over a solution: tasks by their start, which is an order that makes a schedule at least as good. */
  adopt(schedule: Schedule): void {
    this.restore(orderByStart(this.problem, schedule), schedule.processor);
  }

  /** What this search makes small. */
  get score(): number {
    return this.makespan;
  }

  /** Takes over an order and processors as they were. */
  restore(order: Int32Array, processor: Int32Array): void {
    this.order.set(order);
    this.processor.set(processor);
    this.lastOn.fill(NOTHING);
    for (const [at, task] of this.order.entries()) {
      this.position[task] = at;
      this.#link(task, this.lastOn[processor[task]!]!, NOTHING);
      this.#time(task);
    }
    this.rest.fill(0);
    for (let at = order.length - 1; at >= 0; at -= 1) this.rest[order[at]!] = this.#restOf(order[at]!);
    this.#sumUp(0, order.length - 1);
  }

  schedule(): Schedule {
    return scheduleOf(this.processor.slice(), this.#start.slice(), this.finish.slice());
  }

  /**
   * A task goes to another place and another processor. `touched`: tasks whose times are others then, `count` of them, with these times.
   */
  protected move(task: number, to: number, p: number, { touched, count, start, finish }: NewTimes): void {
    const { order, position } = this;
    const was = position[task]!;
    this.#unlink(task);
    shift(order, was, to);
    const [from, changedEnd] = [Math.min(was, to), Math.max(was, to)];
    for (let at = from; at <= changedEnd; at += 1) position[order[at]!] = at;
    this.processor[task] = p;
    const before = this.lastBefore(p, to);
    this.#link(task, before, before === NOTHING ? this.#firstBehind(p, to) : this.#behind[before]!);
    let end = changedEnd;
    for (let index = 0; index < count; index += 1) {
      const each = touched[index]!;
      this.finish[each] = finish[each]!;
      this.#start[each] = start[each]!;
      end = Math.max(end, position[each]!);
    }
    this.#settleRest(task, from, changedEnd);
    this.#sumUp(from, end);
  }

  /** The last task of a processor at a position before this one. */
  protected lastBefore(p: number, end: number): number {
    for (let at = end - 1; at >= 0; at -= 1) if (this.processor[this.order[at]!] === p) return this.order[at]!;
    return NOTHING;
  }

  #firstBehind(p: number, end: number): number {
    for (let at = end + 1; at < this.order.length; at += 1) if (this.processor[this.order[at]!] === p) return this.order[at]!;
    return NOTHING;
  }

  /** Puts a task between two on its processor. */
  #link(task: number, before: number, behind: number): void {
    this.before[task] = before;
    this.#behind[task] = behind;
    if (before !== NOTHING) this.#behind[before] = task;
    if (behind !== NOTHING) this.before[behind] = task;
    else this.lastOn[this.processor[task]!] = task;
  }

  #unlink(task: number): void {
    const [before, behind] = [this.before[task]!, this.#behind[task]!];
    if (before !== NOTHING) this.#behind[before] = behind;
    if (behind !== NOTHING) this.before[behind] = before;
    else this.lastOn[this.processor[task]!] = before;
  }

  /** Start and finish of a task whose inputs and processor are settled. */
  #time(task: number): void {
    const { processors, compute, inStart, inFrom } = this.problem;
    const own = this.processor[task]!;
    let start = this.before[task] === NOTHING ? 0 : this.finish[this.before[task]!]!;
    for (let edge = inStart[task]!; edge < inStart[task + 1]!; edge += 1) {
      const source = inFrom[edge]!;
      start = Math.max(start, this.finish[source]! + this.way(edge, this.processor[source]!, own));
    }
    this.#start[task] = start;
    this.finish[task] = start + compute[task * processors + own]!;
  }

  /** What follows a task, when what comes behind it is settled. */
  #restOf(task: number): number {
    const { processors, compute, outStart, outTo, outIn } = this.problem;
    const own = this.processor[task]!;
    const next = this.#behind[task]!;
    let longest = next === NOTHING ? 0 : compute[next * processors + own]! + this.rest[next]!;
    for (let edge = outStart[task]!; edge < outStart[task + 1]!; edge += 1) {
      const to = outTo[edge]!;
      const q = this.processor[to]!;
      longest = Math.max(longest, this.way(outIn[edge]!, own, q) + compute[to * processors + q]! + this.rest[to]!);
    }
    return longest;
  }

  /** Backwards from the change: what it reaches there are the tasks before those whose rest is another one, on processors and through data. */
  #settleRest(moved: number, from: number, changedEnd: number): void {
    const { inStart, inFrom } = this.problem;
    const [marks, rest] = [this.#marks, this.rest];
    this.#mark += 1;
    const mark = this.#mark;
    let pending = 0;
    const reach = (task: number): void => {
      if (task === NOTHING || marks[task] === mark) return;
      marks[task] = mark;
      if (this.position[task]! < from) pending += 1;
    };
    // Who was in front of the moved task, or is now.
    for (let p = 0; p < this.problem.processors; p += 1) reach(this.lastBefore(p, from));
    for (let at = changedEnd; at >= 0 && (at >= from || pending > 0); at -= 1) {
      const task = this.order[at]!;
      if (at < from) {
        if (marks[task] !== mark) continue;
        pending -= 1;
      }
      const found = this.#restOf(task);
      if (found === rest[task] && task !== moved) continue;
      rest[task] = found;
      reach(this.before[task]!);
      for (let edge = inStart[task]!; edge < inStart[task + 1]!; edge += 1) reach(inFrom[edge]!);
    }
  }

  /** Makespan, cost and critical path, when times between two positions are new. */
  #sumUp(from: number, end: number): void {
    const [order, finish, last, lastFrom] = [this.order, this.finish, this.last, this.lastFrom];
    for (let at = from; at < order.length; at += 1) {
      const found = Math.max(last[at]!, finish[order[at]!]!);
      if (at > end && found === last[at + 1]) break;
      last[at + 1] = found;
    }
    for (let at = end; at >= 0; at -= 1) {
      const found = Math.max(lastFrom[at + 1]!, finish[order[at]!]!);
      if (at < from && found === lastFrom[at]) break;
      lastFrom[at] = found;
    }
    this.makespan = last[order.length]!;
    let sum = 0;
    for (const task of this.lastOn) if (task !== NOTHING) sum += finish[task]!;
    this.cost = this.makespan + (BALANCE * sum) / this.problem.processors;
    this.#findCritical();
  }

  #findCritical(): void {
    const { inStart, inFrom } = this.problem;
    let task = NOTHING;
    for (const each of this.lastOn) if (each !== NOTHING && this.finish[each] === this.makespan) task = each;
    this.criticalLength = 0;
    while (task !== NOTHING) {
      this.critical[this.criticalLength] = task;
      this.criticalLength += 1;
      const [own, start] = [this.processor[task]!, this.#start[task]!];
      const before = this.before[task]!;
      // What it waited for: the task before it on its processor, or one whose data came last.
      let cause = before !== NOTHING && this.finish[before] === start ? before : NOTHING;
      for (let edge = inStart[task]!; cause === NOTHING && edge < inStart[task + 1]!; edge += 1) {
        const source = inFrom[edge]!;
        if (start > 0 && this.finish[source]! + this.way(edge, this.processor[source]!, own) === start) cause = source;
      }
      task = cause;
    }
  }

  /** `edge`: as it stands among the edges by their targets. */
  protected way(edge: number, p: number, q: number): number {
    if (p === q) return 0;
    const { processors, inEdge } = this.problem;
    return this.table === undefined ? transfer(this.problem, inEdge[edge]!, p, q) : this.table[(edge * processors + p) * processors + q]!;
  }
}

/** What a trial has found. */
export interface NewTimes {
  readonly touched: Int32Array;
  readonly count: number;
  readonly start: Float64Array;
  readonly finish: Float64Array;
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
