/**
 * Heads of a task from what comes before it; tails from what comes behind, the same turned round.
 *
 *     path       an input is there when its task has ended, wherever it runs, and has come over
 *     sequence   tasks that must all run on this processor before do so one after the other: those that are there already, and inputs that
 *                would come over too late
 *
 *     p  ▐██a██▌▐██b██▌▐█t█▌       t on p before the end of a and b together: only if one of them ran elsewhere and came over in time
 */
import type { Deduction } from './deduction.ts';
import { RULE } from './trail.ts';

export class Paths {
  readonly #of: Deduction;
  /** Of each edge: the way between any two processors, where all are alike; NaN. */
  readonly #alike: readonly [Float64Array, Float64Array];
  /** At input × processors + p: when it is there from p itself, and from the other processors. */
  readonly #local: Float64Array;
  readonly #remote: Float64Array;
  /** Tasks of a sequence, and the edge positions of those that are inputs. */
  readonly #tasks: Int32Array;
  readonly #edges: Int32Array;
  /** When a task was last put into a sequence: two edges may come from one task. */
  readonly #seen: Float64Array;
  #round = 0;

  constructor(deduction: Deduction) {
    this.#of = deduction;
    const { model } = deduction;
    const degrees = model.sides.flatMap(({ start }) => Array.from({ length: model.tasks }, (_, task) => start[task + 1]! - start[task]!));
    const most = degrees.reduce((a, b) => Math.max(a, b), 0);
    this.#alike = [alike(model.sides[0].way, model.processors), alike(model.sides[1].way, model.processors)];
    this.#local = new Float64Array(most * model.processors);
    this.#remote = new Float64Array(most * model.processors);
    this.#tasks = new Int32Array(model.tasks);
    this.#edges = new Int32Array(model.tasks);
    this.#seen = new Float64Array(model.tasks);
  }

  /** Whether no contradiction was met. */
  update(side: 0 | 1, task: number): boolean {
    const { trail, model } = this.#of;
    const { processors, modes } = model;
    const { start } = model.sides[side];
    const [from, to] = [start[task]!, start[task + 1]!];
    for (let at = from; at < to; at += 1) this.#arrivals(side, at, (at - from) * processors);
    for (let p = 0; p < processors; p += 1) {
      const mode = task * processors + p;
      if (trail.isTrue[2 * mode + 1] === 1) continue;
      const bound = side * modes + mode;
      let latest = trail.bound[bound]!;
      let which = -1;
      for (let at = from, input = p; at < to; at += 1, input += processors) {
        const arrival = Math.min(this.#local[input]!, this.#remote[input]!);
        if (arrival > latest) [latest, which] = [arrival, at];
      }
      if (which >= 0 && !this.#of.raise(bound, Math.min(latest, trail.limit + 1), RULE.path, which, 0)) return false;
      while (trail.isTrue[2 * mode + 1] === 0) {
        const found = this.#sequence(side, task, p);
        if (found === 0) break;
        if (found < 0) return false;
      }
    }
    return true;
  }

  /** When what comes along an edge is on each processor. */
  #arrivals(side: 0 | 1, at: number, into: number): void {
    const { trail, model } = this.#of;
    const { processors, modes, length } = model;
    const { task, edge, way } = model.sides[side];
    const number = edge[at]!;
    const mode = task[at]! * processors;
    const bound = side * modes + mode;
    const [local, remote] = [this.#local, this.#remote];
    let [first, second, best] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1];
    for (let p = 0; p < processors; p += 1) {
      const end = trail.bound[bound + p]! + length[mode + p]!;
      local[into + p] = end;
      if (end < first) {
        second = first;
        first = end;
        best = p;
      } else if (end < second) second = end;
    }
    const same = this.#alike[side][number]!;
    if (same >= 0) {
      for (let p = 0; p < processors; p += 1) remote[into + p] = same + (p === best ? second : first);
      return;
    }
    for (let p = 0; p < processors; p += 1) {
      let earliest = Number.POSITIVE_INFINITY;
      const base = (number * processors + p) * processors;
      for (let q = 0; q < processors; q += 1) if (q !== p) earliest = Math.min(earliest, local[into + q]! + way[base + q]!);
      remote[into + p] = earliest;
    }
  }

  /** 1: the bound became larger; 0: nothing; −1: a contradiction. */
  #sequence(side: 0 | 1, task: number, p: number): number {
    const { trail, model } = this.#of;
    const { processors, modes, length } = model;
    const bound = side * modes + task * processors + p;
    const now = trail.bound[bound]!;
    const [tasks, edges] = [this.#tasks, this.#edges];
    const count = this.#before(side, task, p, now);
    if (count === 0) return 0;
    // Those that can begin latest first: a set's work follows the earliest of its starts.
    const startOf = (each: number): number => trail.bound[side * modes + each * processors + p]!;
    for (let at = 1; at < count; at += 1) {
      const [each, edge] = [tasks[at]!, edges[at]!];
      const begin = startOf(each);
      let to = at;
      for (; to > 0 && startOf(tasks[to - 1]!) < begin; to -= 1) {
        tasks[to] = tasks[to - 1]!;
        edges[to] = edges[to - 1]!;
      }
      tasks[to] = each;
      edges[to] = edge;
    }
    const base = model.sides[side].start[task]!;
    let [work, over, found, size] = [0, Number.POSITIVE_INFINITY, now, 0];
    for (let at = 0; at < count; at += 1) {
      work += length[tasks[at]! * processors + p]!;
      if (edges[at]! >= 0) over = Math.min(over, this.#remote[(edges[at]! - base) * processors + p]!);
      const end = Math.min(startOf(tasks[at]!) + work, over);
      if (end > found) [found, size] = [end, at + 1];
    }
    if (size === 0) return 0;
    const notes = trail.notes.length;
    for (let at = 0; at < size; at += 1) trail.notes.push(tasks[at]!, edges[at]!);
    return this.#of.raise(bound, Math.min(found, trail.limit + 1), RULE.sequence, notes, size) ? 1 : -1;
  }

  /** Collects the tasks that run on p before, if this one is to begin at `now`; returns how many. */
  #before(side: 0 | 1, task: number, p: number, now: number): number {
    const { trail, model } = this.#of;
    const { start, task: inputs } = model.sides[side];
    let count = 0;
    this.#round += 1;
    for (let at = start[task]!, input = p; at < start[task + 1]!; at += 1, input += model.processors) {
      if (this.#remote[input]! <= now || trail.placed[inputs[at]!] === p || this.#seen[inputs[at]!] === this.#round) continue;
      this.#seen[inputs[at]!] = this.#round;
      this.#tasks[count] = inputs[at]!;
      this.#edges[count] = at;
      count += 1;
    }
    for (const other of trail.own[p]!) {
      if (other === task || !this.#of.isBehind(side, task, other)) continue;
      this.#tasks[count] = other;
      this.#edges[count] = -1;
      count += 1;
    }
    return count;
  }
}

function alike(way: Float64Array, processors: number): Float64Array {
  const same = new Float64Array(way.length / processors ** 2);
  for (let edge = 0; edge < same.length; edge += 1) {
    const base = edge * processors ** 2;
    same[edge] = processors > 1 ? way[base + 1]! : 0;
    for (let at = 0; at < processors ** 2; at += 1) {
      if (at % (processors + 1) !== 0 && way[base + at] !== way[base + 1]) same[edge] = Number.NaN;
    }
  }
  return same;
}
