/** Why a fact holds: the facts before it that imply it, as weak as the rule allows, because what is learned from them then holds more often. */
import type { Nogoods } from './nogoods.ts';
import type { Premises } from './premises.ts';
import { RULE, type Trail } from './trail.ts';

export class Explanation {
  readonly #trail: Trail;
  readonly #nogoods: Nogoods;
  readonly #into: Premises;

  constructor(trail: Trail, nogoods: Nogoods, into: Premises) {
    this.#trail = trail;
    this.#nogoods = nogoods;
    this.#into = into;
  }

  /** Adds premises for a fact (of a bound: for `value`, which may be less than what the rule found), all of them before fact `end`. */
  of(rule: number, a: number, b: number, code: number, value: number, end: number): void {
    const { modes, processors } = this.#trail.model;
    const mode = code >= 0 ? code >> 1 : (-1 - code) % modes;
    const task = Math.floor(mode / processors);
    const into = this.#into;
    if (rule === RULE.nogood) this.#nogoods.explain(a, b, into);
    else if (rule === RULE.path) this.#path(a, -1 - code, value, false);
    else if (rule === RULE.sequence) this.#sequence(a, b, -1 - code, value);
    else if (rule === RULE.tooLate) this.#tooLate(mode, end);
    else if (rule === RULE.elsewhere) into.literal(a);
    else if (rule === RULE.excluded) into.literal(2 * mode + 1);
    else if (rule === RULE.order) this.#order(code, a, end);
    else if (rule === RULE.overload) this.#overload(mode, a, b);
    else if (rule === RULE.noted) {
      const { notes } = this.#trail;
      for (let at = a; at < a + 2 * b; at += 2) into.fact(notes[at]!, notes[at + 1]!);
    } else if (rule === RULE.pair) {
      const p = mode % processors;
      into.literal(2 * (a * processors + p));
      this.#unfit(a, task, p, end);
      this.#unfit(task, a, p, end);
    } else if (rule === RULE.lastLeft) {
      for (let at = task * processors; at < (task + 1) * processors; at += 1) if (at !== mode) into.literal(2 * at + 1);
    }
  }

  /** The task at edge position `at` reaches the bound's processor no earlier than `value`; `elsewhere`: from the others. */
  #path(at: number, bound: number, value: number, elsewhere: boolean): void {
    const { modes, processors, length, sides } = this.#trail.model;
    const side = bound < modes ? 0 : 1;
    const { task, edge, way } = sides[side];
    const p = bound % processors;
    for (let q = 0; q < processors; q += 1) {
      if (elsewhere && q === p) continue;
      const mode = task[at]! * processors + q;
      this.#into.bound(side * modes + mode, value - length[mode]! - way[(edge[at]! * processors + p) * processors + q]!);
    }
  }

  #sequence(notes: number, count: number, bound: number, value: number): void {
    const trail = this.#trail;
    const { modes, processors, length } = trail.model;
    const side = bound < modes ? 0 : 1;
    const p = bound % processors;
    const task = Math.floor((bound % modes) / processors);
    let sum = 0;
    for (let at = notes; at < notes + 2 * count; at += 2) sum += length[trail.notes[at]! * processors + p]!;
    for (let at = notes; at < notes + 2 * count; at += 2) {
      const [other, edgeAt] = [trail.notes[at]!, trail.notes[at + 1]!];
      const mode = other * processors + p;
      this.#into.bound(side * modes + mode, value - sum);
      if (edgeAt >= 0) {
        this.#path(edgeAt, bound, value, true);
        continue;
      }
      this.#into.literal(2 * mode);
      const literal = side === 0 ? trail.model.before(other, task) : trail.model.before(task, other);
      if (literal >= 0) this.#into.literal(literal);
    }
  }

  #tooLate(mode: number, end: number): void {
    const { limit, model } = this.#trail;
    const head = this.#trail.boundBefore(mode, end);
    this.#into.bound(mode, head);
    this.#into.bound(model.modes + mode, limit - model.length[mode]! + 1 - head);
  }

  #order(code: number, p: number, end: number): void {
    const { modes, processors, first, second } = this.#trail.model;
    const pair = (code >> 1) - modes;
    const [before, after] = (code & 1) === 0 ? [first[pair]!, second[pair]!] : [second[pair]!, first[pair]!];
    this.#into.literal(2 * (before * processors + p));
    this.#into.literal(2 * (after * processors + p));
    this.#unfit(after, before, p, end);
  }

  /** Why i before j does not fit on p: the other order is decided, or there is not enough time. */
  #unfit(i: number, j: number, p: number, end: number): void {
    const { limit, model } = this.#trail;
    const [early, late] = [i * model.processors + p, j * model.processors + p];
    const reverse = model.before(j, i);
    if (this.#trail.wasTrue(reverse, end)) {
      this.#into.literal(reverse);
      return;
    }
    const head = this.#trail.boundBefore(early, end);
    this.#into.bound(early, head);
    this.#into.bound(model.modes + late, limit + 1 - head - model.length[early]! - model.length[late]!);
  }

  #overload(mode: number, notes: number, count: number): void {
    const { notes: written, model } = this.#trail;
    const { processors, modes } = model;
    const [head, tail] = [written[notes]!, written[notes + 1]!];
    this.#into.bound(mode, head);
    this.#into.bound(modes + mode, tail);
    for (let at = notes + 2; at < notes + 2 + count; at += 1) {
      const other = written[at]! * processors + (mode % processors);
      this.#into.literal(2 * other);
      this.#into.bound(other, head);
      this.#into.bound(modes + other, tail);
    }
  }
}
