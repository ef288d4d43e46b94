/**
 * Changes of a solution, tried as often and as fast as a local search asks for it:
 *
 *     order      3 1 4 0 2        each task begins when its processor is free and its inputs are there, never before
 *     processor  0 0 1 0 1        those in front of it on its processor: every schedule without needless waiting is one of these
 *
 * Only what a change reaches is computed. A trial ends as soon as it is certain to be worse than what would be accepted: what follows a task in the
 * current solution will follow it again, if it lies behind the change.
 */
import { tailTimes } from './bounds.ts';
import { BALANCE, CurrentSolution, NOTHING } from './current-solution.ts';
import type { Problem } from './problem.ts';

export class Evaluator extends CurrentSolution {
  readonly #tails: Float64Array;
  /** Of a trial: where its times differ from the current ones (for the tasks in `touched`), what it has reached, when processors are free. */
  readonly #trialStart: Float64Array;
  readonly #trialFinish: Float64Array;
  readonly #touched: Int32Array;
  readonly #reached: Uint8Array;
  readonly #marks: Int32Array;
  readonly #now: Float64Array;
  #touchedCount = 0;
  #mark = 0;
  #trialTask = 0;
  #trialProcessor = 0;
  #trialTo = 0;

  constructor(problem: Problem) {
    super(problem);
    const { tasks, processors } = problem;
    this.#tails = tailTimes(problem);
    this.#trialStart = new Float64Array(tasks);
    this.#trialFinish = new Float64Array(tasks);
    this.#touched = new Int32Array(tasks);
    this.#reached = new Uint8Array(processors);
    this.#marks = new Int32Array(tasks);
    this.#now = new Float64Array(processors);
  }

  override restore(order: Int32Array, processor: Int32Array): void {
    super.restore(order, processor);
    this.#trialFinish.set(this.finish);
    this.#touchedCount = 0;
  }

  /**
   * The cost with a task at another place and on another processor; Infinity as soon as its makespan is certain to exceed `limit`. Only what the
   * change reaches is computed: a task whose processor was reached, or one of whose inputs ends at another time. When nothing is left to be
   * reached, the rest is as it was.
   */
  try(task: number, to: number, p: number, limit: number): number {
    const { compute, inStart, inFrom, outStart, outTo, processors, tasks } = this.problem;
    const [order, processor, finish, trial, before] = [this.order, this.processor, this.finish, this.#trialFinish, this.before];
    const [table, tails, rest, now, reached, marks] = [this.table, this.#tails, this.rest, this.#now, this.#reached, this.#marks];
    this.#forget();
    const was = this.position[task]!;
    const from = Math.min(was, to);
    const changedEnd = Math.max(was, to);
    const shift = was < to ? 1 : -1;
    const old = processor[task]!;
    this.#trialTask = task;
    this.#trialProcessor = p;
    this.#trialTo = to;
    this.#mark += 1;
    const mark = this.#mark;
    reached.fill(0);
    for (const q of [old, p]) {
      const first = this.lastBefore(q, from);
      now[q] = first === NOTHING ? 0 : finish[first]!;
      reached[q] = 1;
    }
    processor[task] = p;
    marks[task] = mark;
    let pending = 1;
    let processorsReached = old === p ? 1 : 2;
    let last = this.last[from]!;
    for (let at = from; at < tasks; at += 1) {
      if (pending + processorsReached === 0 && at > changedEnd) {
        last = Math.max(last, this.lastFrom[at]!);
        break;
      }
      const each = at > changedEnd ? order[at]! : at === to ? task : order[at + shift]!;
      const own = processor[each]!;
      const isReached = reached[own] === 1;
      if (!isReached && marks[each] !== mark) {
        last = Math.max(last, finish[each]!);
        continue;
      }
      if (marks[each] === mark) pending -= 1;
      let start = 0;
      if (isReached) start = now[own]!;
      else if (before[each] !== NOTHING) start = finish[before[each]!]!;
      for (let edge = inStart[each]!; edge < inStart[each + 1]!; edge += 1) {
        const source = inFrom[edge]!;
        const q = processor[source]!;
        let arrival = trial[source]!;
        if (q !== own) arrival += table === undefined ? this.way(edge, q, own) : table[(edge * processors + q) * processors + own]!;
        if (arrival > start) start = arrival;
      }
      const key = each * processors + own;
      const end = start + compute[key]!;
      // What follows a task behind the change follows it as before; within the change only the instance itself is certain.
      if (end + (at > changedEnd ? rest[each]! : tails[key]!) > limit) {
        processor[task] = old;
        return Number.POSITIVE_INFINITY;
      }
      last = Math.max(last, end);
      const isSame = end === finish[each] && (each !== task || own === old);
      if (!isSame) {
        trial[each] = end;
        this.#trialStart[each] = start;
        this.#touched[this.#touchedCount] = each;
        this.#touchedCount += 1;
        // Data come from another place, or at another time.
        for (let edge = outStart[each]!; edge < outStart[each + 1]!; edge += 1) {
          const next = outTo[edge]!;
          if (marks[next] === mark) continue;
          marks[next] = mark;
          pending += 1;
        }
      }
      now[own] = end;
      // Behind the change: a processor that is free when it was is as it was.
      const goesOn = !isSame || at <= changedEnd;
      if (goesOn !== isReached) {
        if (isReached) processorsReached -= 1;
        else if (!isSame) processorsReached += 1;
        reached[own] = isReached || isSame ? 0 : 1;
      }
    }
    processor[task] = old;
    if (last > limit) return Number.POSITIVE_INFINITY;
    let sum = 0;
    for (let q = 0; q < processors; q += 1) {
      if (reached[q] === 1) sum += now[q]!;
      else if (this.lastOn[q] !== NOTHING) sum += finish[this.lastOn[q]!]!;
    }
    return last + (BALANCE * sum) / processors;
  }

  /** Makes the last trial, which must have come to its end, the current solution. */
  take(): void {
    const times = { touched: this.#touched, count: this.#touchedCount, start: this.#trialStart, finish: this.#trialFinish };
    this.#touchedCount = 0;
    this.move(this.#trialTask, this.#trialTo, this.#trialProcessor, times);
  }

  /** After a trial that was not taken. */
  #forget(): void {
    for (let index = 0; index < this.#touchedCount; index += 1) {
      const task = this.#touched[index]!;
      this.#trialFinish[task] = this.finish[task]!;
    }
    this.#touchedCount = 0;
  }
}
