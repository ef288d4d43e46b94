/**
 * Tasks whose predecessors have all been taken, by priority. Taking from such a list, instead of sorting all tasks once, is right for every
 * priority: one that is not larger for a task than for its successors (PEFT's, or any where times are 0) can't put a task before what it needs.
 */
import type { Problem } from './problem.ts';

export class ReadyList {
  readonly #problem: Problem;
  readonly #priority: ArrayLike<number>;
  readonly #waiting: Int32Array;
  /** A binary heap: highest priority first, the lower index of equals. */
  readonly #heap: number[] = [];

  constructor(problem: Problem, priority: ArrayLike<number>) {
    this.#problem = problem;
    this.#priority = priority;
    const { tasks, inStart } = problem;
    this.#waiting = Int32Array.from({ length: tasks }, (_, task) => inStart[task + 1]! - inStart[task]!);
    for (let task = 0; task < tasks; task += 1) if (this.#waiting[task] === 0) this.#push(task);
  }

  /** The next task, or undefined when all are taken. */
  take(): number | undefined {
    const heap = this.#heap;
    const [top] = heap;
    if (top === undefined) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    const { outStart, outTo } = this.#problem;
    for (let at = outStart[top]!; at < outStart[top + 1]!; at += 1) {
      const to = outTo[at]!;
      this.#waiting[to]! -= 1;
      if (this.#waiting[to] === 0) this.#push(to);
    }
    return top;
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#priority[a]!, this.#priority[b]!];
    return left > right || (left === right && a < b);
  }

  #push(task: number): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(task, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
  }

  /** Puts the task where the top was, and down to its place. */
  #sink(task: number): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!this.#isBefore(heap[child]!, task)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = task;
  }
}

/** All tasks in the order in which they are taken. */
export function listOrder(problem: Problem, priority: ArrayLike<number>): number[] {
  const list = new ReadyList(problem, priority);
  const order: number[] = [];
  for (let task = list.take(); task !== undefined; task = list.take()) order.push(task);
  return order;
}
