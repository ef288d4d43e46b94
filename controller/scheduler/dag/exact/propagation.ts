/**
 * Draws conclusions until there are none left, or a contradiction:
 *
 *     facts ──▶ nogoods ──▶ heads and tails along paths ──▶ each processor ──▶ area ──▶ (no new facts) done
 *       ▲──────────┴───────────────┴────────────────────────────┘
 */
import { Area } from './area.ts';
import type { Deduction } from './deduction.ts';
import { Explanation } from './explanation.ts';
import { checkProcessor } from './machines.ts';
import type { Model } from './model.ts';
import { Nogoods } from './nogoods.ts';
import { Paths } from './paths.ts';
import { Premises } from './premises.ts';
import { RULE, Trail } from './trail.ts';

export class Propagation implements Deduction {
  readonly model: Model;
  readonly trail: Trail;
  readonly nogoods: Nogoods;
  /** After a contradiction: facts that can't all hold. */
  readonly conflict = new Premises();
  readonly explanation: Explanation;
  readonly #paths: Paths;
  readonly #area: Area;
  /** By side, then task: whether its bounds have to be looked at. */
  readonly #stale: readonly [Uint8Array, Uint8Array];
  readonly #isStale = [false, false];
  readonly #staleProcessors: Uint8Array;
  #next = 0;
  readonly #exclude = (code: number, value: number, nogood: number): boolean => this.exclude(code, value, nogood);

  constructor(model: Model) {
    this.model = model;
    this.trail = new Trail(model);
    this.nogoods = new Nogoods(this.trail);
    this.explanation = new Explanation(this.trail, this.nogoods, this.conflict);
    this.#paths = new Paths(this);
    this.#area = new Area(this);
    this.#stale = [new Uint8Array(model.tasks), new Uint8Array(model.tasks)];
    this.#staleProcessors = new Uint8Array(model.processors);
  }

  /** At level 0: looks for schedules of at most this makespan, which may only become less. Whether there can be any. */
  restrict(limit: number): boolean {
    const { modes, length, processors } = this.model;
    this.trail.limit = limit;
    for (let mode = 0; mode < modes; mode += 1) {
      const least = this.trail.bound[mode]! + length[mode]! + this.trail.bound[modes + mode]!;
      if (this.trail.isTrue[2 * mode + 1] === 0 && least > limit && !this.assert(2 * mode + 1, RULE.tooLate, 0, 0)) return false;
    }
    for (const stale of this.#stale) stale.fill(1);
    this.#isStale.fill(true);
    for (let p = 0; p < processors; p += 1) this.#staleProcessors[p] = 1;
    return this.run() && this.#area.survey();
  }

  backTo(level: number, forget: (literal: number) => void): void {
    this.trail.backTo(level, forget);
    this.#next = this.trail.length;
    for (const stale of this.#stale) stale.fill(0);
    this.#isStale.fill(false);
    this.#staleProcessors.fill(0);
  }

  /** Whether no contradiction was met; if one was, `conflict` tells. */
  run(): boolean {
    for (;;) {
      while (this.#next < this.trail.length) {
        const code = this.trail.code[this.#next]!;
        this.#next += 1;
        if (!this.nogoods.visit(code, this.#exclude)) return false;
      }
      const side = this.#isStale[0] ? 0 : 1;
      if (this.#isStale[side]) {
        this.#isStale[side] = false;
        const stale = this.#stale[side];
        for (const task of this.model.sides[side].order) {
          if (stale[task] === 0) continue;
          stale[task] = 0;
          if (!this.#paths.update(side, task)) return false;
        }
        continue;
      }
      const p = this.#staleProcessors.indexOf(1);
      if (p < 0) {
        if (!this.#area.check()) return false;
        if (this.#next === this.trail.length) return true;
        continue;
      }
      this.#staleProcessors[p] = 0;
      if (!checkProcessor(this, p)) return false;
    }
  }

  /** The literal is true. */
  assert(literal: number, rule: number, a: number, b: number): boolean {
    const { trail, model } = this;
    if (trail.isTrue[literal] === 1) return true;
    if (trail.isTrue[literal ^ 1] === 1) {
      this.conflict.clear();
      this.explanation.of(rule, a, b, literal, 0, trail.length);
      this.conflict.literal(literal ^ 1);
      return false;
    }
    trail.addLiteral(literal, rule, a, b);
    if (literal >= 2 * model.modes) {
      const pair = (literal >> 1) - model.modes;
      const [first, second] = [model.first[pair]!, model.second[pair]!];
      this.#touch(0, (literal & 1) === 0 ? second : first);
      this.#touch(1, (literal & 1) === 0 ? first : second);
      return true;
    }
    return (literal & 1) === 0 ? this.#placed(literal) : this.#excluded(literal);
  }

  /** The bound is at least `value`. */
  raise(bound: number, value: number, rule: number, a: number, b: number): boolean {
    const { trail } = this;
    if (trail.bound[bound]! >= value) return true;
    const { modes, length, processors, sides } = this.model;
    const side = bound < modes ? 0 : 1;
    const mode = bound - side * modes;
    const opposite = side === 0 ? bound + modes : mode;
    const rest = trail.limit - length[mode]! - trail.bound[opposite]!;
    if (value > rest && trail.isTrue[2 * mode] === 1) {
      this.conflict.clear();
      this.explanation.of(rule, a, b, -1 - bound, rest + 1, trail.length);
      this.conflict.literal(2 * mode);
      this.conflict.bound(opposite, trail.bound[opposite]!);
      return false;
    }
    trail.addBound(bound, value, rule, a, b);
    const task = Math.floor(mode / processors);
    const { start, task: after } = sides[1 - side]!;
    for (let at = start[task]!; at < start[task + 1]!; at += 1) this.#touch(side, after[at]!);
    this.#staleProcessors[mode % processors] = 1;
    if (trail.isTrue[2 * mode] === 1) this.#touchBehind(side, task);
    return value <= rest || this.assert(2 * mode + 1, RULE.tooLate, 0, 0);
  }

  /** This fact can't hold, because all others of a nogood do. */
  exclude(code: number, value: number, nogood: number): boolean {
    if (code >= 0) return this.assert(code ^ 1, RULE.nogood, nogood, code);
    const { modes, length } = this.model;
    const side = -1 - code < modes ? 0 : 1;
    const mode = -1 - code - side * modes;
    // Not "if it is there, then not before": it is there, and before.
    if (!this.assert(2 * mode, RULE.nogood, nogood, code)) return false;
    return this.raise((1 - side) * modes + mode, this.trail.limit - length[mode]! - value + 1, RULE.nogood, nogood, code);
  }

  #placed(literal: number): boolean {
    const { processors } = this.model;
    const task = Math.floor((literal >> 1) / processors);
    const p = (literal >> 1) % processors;
    this.#staleProcessors[p] = 1;
    this.#touchBehind(0, task);
    this.#touchBehind(1, task);
    for (let q = 0; q < processors; q += 1) {
      if (q !== p && !this.assert(2 * (task * processors + q) + 1, RULE.elsewhere, literal, 0)) return false;
    }
    return true;
  }

  #excluded(literal: number): boolean {
    const { processors, modes } = this.model;
    const mode = literal >> 1;
    const task = Math.floor(mode / processors);
    this.raise(mode, Number.POSITIVE_INFINITY, RULE.excluded, 0, 0);
    this.raise(modes + mode, Number.POSITIVE_INFINITY, RULE.excluded, 0, 0);
    if (this.trail.open(task) !== 1) return true;
    for (let left = task * processors; ; left += 1) {
      if (this.trail.isTrue[2 * left + 1] === 0) return this.assert(2 * left, RULE.lastLeft, 0, 0);
    }
  }

  /** Tasks that have to come behind this one if they are on its processor. */
  #touchBehind(side: 0 | 1, task: number): void {
    for (let other = 0; other < this.model.tasks; other += 1) if (this.isBehind(side, other, task)) this.#touch(side, other);
  }

  /** Whether a task has to run after another one (side 1: before) if both are on one processor. */
  isBehind(side: 0 | 1, task: number, other: number): boolean {
    const { model, trail } = this;
    const [i, j] = side === 0 ? [other, task] : [task, other];
    const literal = model.before(i, j);
    return literal >= 0 ? trail.isTrue[literal] === 1 : model.waits(i, j);
  }

  #touch(side: 0 | 1, task: number): void {
    this.#stale[side][task] = 1;
    this.#isStale[side] = true;
  }
}
