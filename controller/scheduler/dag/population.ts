/**
 * What population searches share: a member is an order of tasks and a processor for each, as in `ordering.ts`; its operators change members in
 * place and keep every order one that precedence allows.
 *
 *     order crossover   A: 0 1[2 3 4]5     B: 0 4 1 3 2 5     ──▶  0 1[4 3 2]5      the tasks of a segment of A, in the order they have in B
 *     two-point         A: a a[a a a]a     B: b b b b b b     ──▶  a a[b b b]a      processors, by task
 *
 * A segment of an order of A, put into the order of B, follows all that was in front of it in A, and precedence within it holds in B: nothing has
 * to be repaired. (Crossovers that copy positions lose tasks and repeat others.)
 */
import type { Random } from '../../../mesh/random.ts';
import { orderByStart, shift } from './ordering.ts';
import type { Problem } from './problem.ts';
import type { Rater } from './rater.ts';
import { Room } from './room.ts';
import type { Schedule } from './schedule.ts';
import { targetOf } from './target.ts';

export interface Member {
  readonly order: Int32Array;
  readonly processor: Int32Array;
  /** Smaller is better: the makespan, or what another objective makes of the schedule. */
  score: number;
}

export function copyMember(from: Member, to: Member): void {
  to.order.set(from.order);
  to.processor.set(from.processor);
  to.score = from.score;
}

export class Population {
  readonly problem: Problem;
  readonly #random: Random;
  readonly #rater: Rater;
  readonly #marks: Int32Array;
  #mark = 0;

  constructor(problem: Problem, random: Random, rater: Rater = targetOf(problem).rater()) {
    this.problem = problem;
    this.#random = random;
    this.#rater = rater;
    this.#marks = new Int32Array(problem.tasks);
  }

  /** Of a schedule; not rated yet. */
  memberOf(schedule: Schedule): Member {
    return {
      order: orderByStart(this.problem, schedule),
      processor: schedule.processor.slice(),
      score: Number.POSITIVE_INFINITY,
    };
  }

  /** A random order that precedence allows, and random processors that have room. */
  randomMember(): Member {
    const { tasks, processors, memory, inStart, outStart, outTo } = this.problem;
    const waiting = Int32Array.from({ length: tasks }, (_, task) => inStart[task + 1]! - inStart[task]!);
    const ready = [...waiting.keys()].filter((task) => waiting[task] === 0);
    const order = new Int32Array(tasks);
    for (let at = 0; at < tasks; at += 1) {
      const [task] = ready.splice(this.#random.below(ready.length), 1) as [number];
      order[at] = task;
      for (let edge = outStart[task]!; edge < outStart[task + 1]!; edge += 1) {
        waiting[outTo[edge]!]! -= 1;
        if (waiting[outTo[edge]!] === 0) ready.push(outTo[edge]!);
      }
    }
    const processor =
      memory === undefined
        ? Int32Array.from({ length: tasks }, () => this.#random.below(processors))
        : this.#placesWithRoom(new Room(this.problem, memory));
    return { order, processor, score: Number.POSITIVE_INFINITY };
  }

  #placesWithRoom(room: Room): Int32Array {
    const { tasks, processors, order } = this.problem;
    const places = new Int32Array(tasks);
    for (const task of order) {
      const able = Array.from({ length: processors }, (_, p) => p).filter((p) => room.canPlace(task, p));
      places[task] = able[this.#random.below(able.length)]!;
      room.place(task, places[task]!);
    }
    return places;
  }

  rate(member: Member): void {
    member.score = this.#rater.rate(member.order, member.processor);
  }

  schedule({ order, processor }: Member): Schedule {
    return this.#rater.schedule(order, processor);
  }

  /** A segment of the order as it is in another member, and a segment of the processors. */
  cross(member: Member, other: Member): void {
    const { tasks } = this.problem;
    const [first, end] = this.#segment(tasks);
    this.#mark += 1;
    for (let at = first; at < end; at += 1) this.#marks[member.order[at]!] = this.#mark;
    for (let at = 0, next = first; next < end; at += 1) {
      const task = other.order[at]!;
      if (this.#marks[task] !== this.#mark) continue;
      member.order[next] = task;
      next += 1;
    }
    const [from, to] = this.#segment(tasks);
    member.processor.set(other.processor.subarray(from, to), from);
  }

  /** One task to another processor, and one to another position that precedence allows. */
  mutate(member: Member): void {
    const { tasks, processors } = this.problem;
    member.processor[this.#random.below(tasks)] = this.#random.below(processors);
    this.#move(member.order, this.#random.below(tasks));
  }

  /** How many tasks are on another processor. */
  distance(a: Member, b: Member): number {
    let count = 0;
    for (let task = 0; task < a.processor.length; task += 1) if (a.processor[task] !== b.processor[task]) count += 1;
    return count;
  }

  #move(order: Int32Array, was: number): void {
    const { inStart, inFrom, outStart, outTo } = this.problem;
    const task = order[was]!;
    let [first, last] = [was, was];
    // Neighbours of the task in the graph are where it stops.
    this.#mark += 1;
    for (let edge = inStart[task]!; edge < inStart[task + 1]!; edge += 1) this.#marks[inFrom[edge]!] = this.#mark;
    for (let edge = outStart[task]!; edge < outStart[task + 1]!; edge += 1) this.#marks[outTo[edge]!] = this.#mark;
    while (first > 0 && this.#marks[order[first - 1]!] !== this.#mark) first -= 1;
    while (last < order.length - 1 && this.#marks[order[last + 1]!] !== this.#mark) last += 1;
    const to = first + this.#random.below(last - first + 1);
    shift(order, was, to);
  }

  /** First and end of a random part. */
  #segment(length: number): readonly [number, number] {
    const [a, b] = [this.#random.below(length + 1), this.#random.below(length + 1)];
    return [Math.min(a, b), Math.max(a, b)];
  }
}
