/**
 * Exact search for a schedule of at most a given makespan, which learns from its contradictions:
 *
 *     decide ──▶ draw conclusions ──▶ nothing left to decide: a schedule; the limit becomes less than that
 *        ▲              │
 *        └── go back ◀──┴── contradiction: learn a nogood; at level 0: there is no schedule within the limit
 *
 * Decided are the processor of a task, then the order of two tasks that are on one; first what had a part in the latest contradictions, and as in
 * the best schedule known. From time to time it begins anew, with what it has learned.
 */
import { transfer } from '../problem.ts';
import { type Schedule, scheduleOf } from '../schedule.ts';
import { Learning } from './learning.ts';
import type { Model } from './model.ts';
import { Propagation } from './propagation.ts';
import { RULE } from './trail.ts';

export type Outcome = 'found' | 'none' | 'stopped';

/** Contradictions between two looks at `stop`; decisions, when there are no contradictions. */
const LOOK_EVERY = 4;
const DECISIONS_MAX = 16;
/** A schedule takes as long to find as so many contradictions. */
const FOUND = 8;
/** Conflicts before it begins anew, times Luby's sequence 1 1 2 1 1 2 4 … */
const RESTART_UNIT = 100;
const FADE = 0.95;
const ACTIVITY_MAX = 1e100;

export class Search {
  readonly #model: Model;
  readonly #propagation: Propagation;
  readonly #learning: Learning;
  readonly #learned: ((codes: readonly number[], values: readonly number[]) => void) | undefined;
  /** By variable: part in the latest contradictions, and what it was last. */
  readonly #activity: Float64Array;
  readonly #wasTrue: Uint8Array;
  #increment = 1;
  #restarts = 1;
  #sinceRestart = 0;
  #sinceLook = 0;
  #decisions = 0;
  #schedule: Schedule;
  readonly #forget = (literal: number): void => {
    this.#wasTrue[literal >> 1] = (literal & 1) === 0 ? 1 : 0;
  };

  /** `learned`: told of everything that is learned, facts that can't all hold. */
  constructor(model: Model, known: Schedule, learned?: (codes: readonly number[], values: readonly number[]) => void) {
    this.#model = model;
    this.#learned = learned;
    this.#propagation = new Propagation(model);
    this.#learning = new Learning(this.#propagation, (variable) => this.#involve(variable));
    this.#activity = new Float64Array(model.variables);
    this.#wasTrue = new Uint8Array(model.variables);
    this.#schedule = known;
    this.prefer(known);
  }

  /** What was found last. */
  get schedule(): Schedule {
    return this.#schedule;
  }

  /** Decides as in this schedule where there is a choice. */
  prefer({ processor, start, finish }: Schedule): void {
    const { tasks, processors, modes, first, second } = this.#model;
    this.#wasTrue.fill(0);
    for (let task = 0; task < tasks; task += 1) this.#wasTrue[task * processors + processor[task]!] = 1;
    for (const [pair, i] of first.entries()) {
      const j = second[pair]!;
      const isBefore = start[i]! < start[j]! || (start[i] === start[j] && finish[i]! <= finish[j]!);
      this.#wasTrue[modes + pair] = isBefore ? 1 : 0;
    }
  }

  /** Looks only for makespans of at most `limit` (in the model's time), which must not become more. False: there are none. */
  restrict(limit: number): boolean {
    this.#backTo(0);
    return this.#propagation.restrict(limit);
  }

  /** Whether a makespan of at most `limit`, which is less than that of `restrict`, is not refuted by conclusions alone. */
  probe(limit: number): boolean {
    const { trail } = this.#propagation;
    const before = trail.limit;
    this.#backTo(0);
    trail.deepen();
    const isPossible = this.#propagation.restrict(limit);
    this.#backTo(0);
    trail.limit = before;
    return isPossible;
  }

  /** `stop` is told how many contradictions were met since it was asked last. */
  run(stop: (conflicts: number) => boolean): Outcome {
    for (;;) {
      if (!this.#propagation.run()) {
        if (!this.#learn()) return 'none';
        this.#sinceRestart += 1;
        this.#sinceLook += 1;
        if (this.#sinceLook >= LOOK_EVERY && this.#look(stop)) return 'stopped';
        continue;
      }
      if (this.#sinceRestart >= RESTART_UNIT * luby(this.#restarts)) {
        this.#sinceRestart = 0;
        this.#restarts += 1;
        this.#backTo(0);
        this.#propagation.nogoods.reduce();
        continue;
      }
      const variable = this.#choose();
      if (variable < 0) {
        this.#schedule = this.#read();
        this.#sinceLook += FOUND;
        return 'found';
      }
      this.#decisions += 1;
      if (this.#decisions >= DECISIONS_MAX && this.#look(stop)) return 'stopped';
      this.#propagation.trail.deepen();
      this.#propagation.assert(2 * variable + (this.#wasTrue[variable] === 1 ? 0 : 1), RULE.decision, 0, 0);
    }
  }

  #look(stop: (conflicts: number) => boolean): boolean {
    const met = this.#sinceLook;
    this.#sinceLook = 0;
    this.#decisions = 0;
    return stop(met);
  }

  /** False: there is no way out. */
  #learn(): boolean {
    const { nogoods } = this.#propagation;
    for (;;) {
      const lesson = this.#learning.learn((depth) => this.#backTo(depth));
      if (lesson === undefined) return false;
      const { codes, values, depth, levels } = lesson;
      this.#backTo(depth);
      this.#learned?.(codes, values);
      this.#increment /= FADE;
      nogoods.fade();
      const number = codes.length > 1 ? nogoods.add(codes, values, levels) : -1;
      if (this.#propagation.exclude(codes[0]!, values[0]!, number)) return true;
    }
  }

  #backTo(depth: number): void {
    if (this.#propagation.trail.depth > depth) this.#propagation.backTo(depth, this.#forget);
  }

  #involve(variable: number): void {
    this.#activity[variable]! += this.#increment;
    if (this.#activity[variable]! <= ACTIVITY_MAX) return;
    for (let each = 0; each < this.#activity.length; each += 1) this.#activity[each]! /= ACTIVITY_MAX;
    this.#increment /= ACTIVITY_MAX;
  }

  /** −1: everything is decided. */
  #choose(): number {
    const { modes, variables, first, second } = this.#model;
    const { isTrue, placed } = this.#propagation.trail;
    let [best, most] = [-1, -1];
    for (let variable = 0; variable < variables; variable += 1) {
      if (this.#activity[variable]! <= most || isTrue[2 * variable] === 1 || isTrue[2 * variable + 1] === 1) continue;
      if (variable >= modes) {
        const p = placed[first[variable - modes]!]!;
        if (p < 0 || p !== placed[second[variable - modes]!]) continue;
      }
      [best, most] = [variable, this.#activity[variable]!];
    }
    return best;
  }

  /** Everything is decided: each task at its head. In the problem's own times. */
  #read(): Schedule {
    const { tasks, processors, length, problem } = this.#model;
    const { bound, placed } = this.#propagation.trail;
    const rank = new Int32Array(tasks);
    for (const [at, task] of problem.order.entries()) rank[task] = at;
    const mode = (task: number): number => task * processors + placed[task]!;
    const ends = (task: number): number => bound[mode(task)]! + length[mode(task)]!;
    // A task without length comes before one that begins at the same time.
    const order = [...problem.order].sort((a, b) => bound[mode(a)]! - bound[mode(b)]! || ends(a) - ends(b) || rank[a]! - rank[b]!);
    const [start, finish, free] = [new Float64Array(tasks), new Float64Array(tasks), new Float64Array(processors)];
    for (const task of order) {
      const p = placed[task]!;
      let from = Math.max(free[p]!, problem.release?.[task] ?? 0);
      for (let at = problem.inStart[task]!; at < problem.inStart[task + 1]!; at += 1) {
        const before = problem.inFrom[at]!;
        from = Math.max(from, finish[before]! + transfer(problem, problem.inEdge[at]!, placed[before]!, p));
      }
      start[task] = from;
      finish[task] = from + problem.compute[mode(task)]!;
      free[p] = finish[task]!;
    }
    return scheduleOf(placed.slice(), start, finish);
  }
}

/** 1 1 2 1 1 2 4 1 1 2 … (Luby, Sinclair, Zuckerman: Optimal speedup of Las Vegas algorithms, 1993.) */
function luby(index: number): number {
  let size = 1;
  while (size < index) size = 2 * size + 1;
  for (let rest = index; ; ) {
    if (rest === size) return (size + 1) / 2;
    size = (size - 1) / 2;
    if (rest > size) rest -= size;
  }
}
