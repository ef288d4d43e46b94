/**
 * What is known in a branch, in the order in which it became known, each with its reason:
 *
 *     level 0   t3 is not on p1 · head of t5 on p0 ≥ 40 · …        true whatever is decided
 *     level 1   t2 is on p0 (decided) · t2 is not on p1 · head of t7 on p0 ≥ 65 · …
 *     level 2   …
 *
 * A fact is a literal that is true, or a bound that is at least so much. Its code is the literal, or −1 − bound. When a mode is excluded its bounds
 * become infinite: "if the task runs there, it starts at infinity or later" is true, and minima over modes need no case for it.
 */
import type { Model } from './model.ts';

/** Why a fact holds. `a` and `b` are of the rule. */
export const RULE = {
  /** Decided. */
  decision: 0,
  /** Nogood a: all its other facts hold, so this one can't. b: the code of the fact it excludes. */
  nogood: 1,
  /** The task at edge position a ends there, wherever it runs. */
  path: 2,
  /** b tasks, listed at a of the notes, must all run on this processor before. */
  sequence: 3,
  /** Head + length + tail are more than there is. */
  tooLate: 4,
  /** Literal a: the task is on another processor. */
  elsewhere: 5,
  /** No other processor is left. */
  lastLeft: 6,
  /** The mode is excluded. */
  excluded: 7,
  /** Both are on processor a, and the other order does not fit. */
  order: 8,
  /** Neither before nor after task a. */
  pair: 9,
  /** With b tasks that are on the processor: listed at a of the notes, after the window. */
  overload: 10,
  /** b facts, listed with their values at a of the notes. */
  noted: 11,
} as const;

const CAPACITY = 1 << 14;

export class Trail {
  readonly model: Model;
  /** The longest makespan that is looked for. */
  limit = 0;
  /** By literal. */
  readonly isTrue: Uint8Array;
  /** Heads of modes, then tails. */
  readonly bound: Float64Array;
  /** Where each task is; −1 while that is open. */
  readonly placed: Int32Array;
  /** Tasks that are on each processor, in the order in which they came there. */
  readonly own: readonly number[][];
  /** By fact: code, rule and what belongs to it, level. */
  code = new Int32Array(CAPACITY);
  rule = new Uint8Array(CAPACITY);
  a = new Int32Array(CAPACITY);
  b = new Int32Array(CAPACITY);
  level = new Int32Array(CAPACITY);
  /** Of a bound: what it was, and the fact that had made it so. */
  old = new Float64Array(CAPACITY);
  previous = new Int32Array(CAPACITY);
  length = 0;
  /** What rules write down to explain themselves with later. */
  readonly notes: number[] = [];
  /** Of each level: its first fact, and how many notes there were. */
  readonly #starts: number[] = [];
  readonly #notesAt: number[] = [];
  /** By variable: the fact that says it. */
  readonly #position: Int32Array;
  /** By bound: the last fact that changed it. */
  readonly #latest: Int32Array;
  readonly #open: Int32Array;

  constructor(model: Model) {
    const { tasks, processors, modes, variables } = model;
    this.model = model;
    this.isTrue = new Uint8Array(2 * variables);
    this.bound = new Float64Array(2 * modes);
    if (model.release !== undefined)
      for (let mode = 0; mode < modes; mode += 1) this.bound[mode] = model.release[Math.floor(mode / processors)]!;
    this.placed = new Int32Array(tasks).fill(-1);
    this.own = Array.from({ length: processors }, () => []);
    this.#position = new Int32Array(variables);
    this.#latest = new Int32Array(2 * modes).fill(-1);
    this.#open = new Int32Array(tasks).fill(processors);
  }

  get depth(): number {
    return this.#starts.length;
  }

  /** How many processors a task can still go to. */
  open(task: number): number {
    return this.#open[task]!;
  }

  deepen(): void {
    this.#starts.push(this.length);
    this.#notesAt.push(this.notes.length);
  }

  /** For a literal that is open. */
  addLiteral(literal: number, rule: number, a: number, b: number): void {
    this.#position[literal >> 1] = this.#add(literal, rule, a, b);
    this.isTrue[literal] = 1;
    const { modes, processors } = this.model;
    const mode = literal >> 1;
    if (mode >= modes) return;
    const task = Math.floor(mode / processors);
    if ((literal & 1) === 1) {
      this.#open[task]! -= 1;
    } else {
      this.placed[task] = mode % processors;
      this.own[mode % processors]!.push(task);
    }
  }

  /** For a bound that is less. */
  addBound(bound: number, value: number, rule: number, a: number, b: number): void {
    const at = this.#add(-1 - bound, rule, a, b);
    this.old[at] = this.bound[bound]!;
    this.previous[at] = this.#latest[bound]!;
    this.#latest[bound] = at;
    this.bound[bound] = value;
  }

  /** Forgets what became known behind this level. Calls back with each literal. */
  backTo(level: number, forget: (literal: number) => void): void {
    const { modes, processors } = this.model;
    const to = this.#starts[level]!;
    while (this.length > to) {
      this.length -= 1;
      const code = this.code[this.length]!;
      if (code < 0) {
        this.bound[-1 - code] = this.old[this.length]!;
        this.#latest[-1 - code] = this.previous[this.length]!;
        continue;
      }
      this.isTrue[code] = 0;
      forget(code);
      const mode = code >> 1;
      if (mode >= modes) continue;
      const task = Math.floor(mode / processors);
      if ((code & 1) === 1) {
        this.#open[task]! += 1;
      } else {
        this.placed[task] = -1;
        this.own[mode % processors]!.pop();
      }
    }
    this.notes.length = this.#notesAt[level]!;
    this.#starts.length = level;
    this.#notesAt.length = level;
  }

  /** Whether a fact of this code, and for a bound of at least this value, is known. */
  holds(code: number, value: number): boolean {
    return code >= 0 ? this.isTrue[code] === 1 : this.bound[-1 - code]! >= value;
  }

  /** The fact, before fact `end`, that first made this true; −1: it was always. */
  factOf(code: number, value: number, end: number): number {
    if (code >= 0) return this.#position[code >> 1]!;
    let at = this.#latest[-1 - code]!;
    while (at >= end) at = this.previous[at]!;
    while (at >= 0 && this.old[at]! >= value) at = this.previous[at]!;
    return at;
  }

  /** A bound's value just before fact `end`. */
  boundBefore(bound: number, end: number): number {
    let at = this.#latest[bound]!;
    let value = this.bound[bound]!;
    while (at >= end) {
      value = this.old[at]!;
      at = this.previous[at]!;
    }
    return value;
  }

  /** Whether a literal that is true was so before fact `end`. */
  wasTrue(literal: number, end: number): boolean {
    return this.isTrue[literal] === 1 && this.#position[literal >> 1]! < end;
  }

  #add(code: number, rule: number, a: number, b: number): number {
    const at = this.length;
    if (at === this.code.length) this.#grow();
    this.length += 1;
    this.code[at] = code;
    this.rule[at] = rule;
    this.a[at] = a;
    this.b[at] = b;
    this.level[at] = this.#starts.length;
    return at;
  }

  #grow(): void {
    const ints = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(2 * old.length);
      larger.set(old);
      return larger;
    };
    const rule = new Uint8Array(2 * this.rule.length);
    rule.set(this.rule);
    const before = new Float64Array(2 * this.old.length);
    before.set(this.old);
    this.rule = rule;
    this.old = before;
    this.code = ints(this.code);
    this.a = ints(this.a);
    this.b = ints(this.b);
    this.level = ints(this.level);
    this.previous = ints(this.previous);
  }
}
