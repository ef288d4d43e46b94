/**
 * An order of tasks that precedence allows, and a processor for each: what searches change. A schedule is one of these, its tasks by their start.
 *
 *     order      3 1 4 0 2
 *     processor  0 0 1 0 1        of each task
 */
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

export class Ordering {
  readonly problem: Problem;
  /** Task at each position, position of each task, its processor. */
  readonly order: Int32Array;
  readonly position: Int32Array;
  readonly processor: Int32Array;

  constructor(problem: Problem) {
    this.problem = problem;
    this.order = problem.order.slice();
    this.position = new Int32Array(problem.tasks);
    this.processor = new Int32Array(problem.tasks);
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
}

/** Of tasks that share a moment, those without length come as they end, and as precedence wants it. */
export function orderByStart({ order }: Problem, { start, finish }: Schedule): Int32Array {
  const rank = new Int32Array(order.length);
  for (const [index, task] of order.entries()) rank[task] = index;
  return order.toSorted((a, b) => start[a]! - start[b]! || finish[a]! - finish[b]! || rank[a]! - rank[b]!);
}

/** Takes what is at one position to another; what is in between moves up. */
export function shift(order: Int32Array, was: number, to: number): void {
  const task = order[was]!;
  if (was < to) order.copyWithin(was, was + 1, to + 1);
  else order.copyWithin(to + 1, to, was);
  order[to] = task;
}
