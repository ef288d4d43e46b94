/**
 * From a contradiction to a nogood: facts of the last level are replaced by what they follow from, latest first, until one is left (the first
 * unique implication point). The search goes back to where the others hold, and there that one can't.
 *
 *     decided ──▶ ● ──▶ ● ──▶ contradiction
 *                 └──▶ ● ──────┘              nogood: the first ●, and what came from levels before
 *
 * (Marques-Silva, Sakallah: GRASP, IEEE Trans. Computers 48, 1999.)
 */
import type { Propagation } from './propagation.ts';
import { RULE } from './trail.ts';

export interface Lesson {
  /** First the fact that can't hold, then that of the deepest level among the others. */
  readonly codes: number[];
  readonly values: number[];
  /** Where to go back to. */
  readonly depth: number;
  /** At how many levels the facts became known. */
  readonly levels: number;
}

export class Learning {
  readonly #of: Propagation;
  /** Told of each variable that had a part in a contradiction. */
  readonly #involve: (variable: number) => void;
  /** By fact: whether it is in the nogood, and the value that is needed. */
  #isMarked = new Uint8Array(0);
  #needed = new Float64Array(0);
  /** Facts in the nogood that are of lower levels. */
  readonly #lower: number[] = [];
  #atDepth = 0;

  constructor(propagation: Propagation, involve: (variable: number) => void) {
    this.#of = propagation;
    this.#involve = involve;
  }

  /** `conflict` holds facts that contradict. Goes back, when only lower levels are involved. Undefined: nothing was decided, there is no schedule. */
  learn(backTo: (depth: number) => void): Lesson | undefined {
    const { trail, conflict, explanation } = this.#of;
    if (this.#isMarked.length < trail.code.length) {
      this.#isMarked = new Uint8Array(trail.code.length);
      this.#needed = new Float64Array(trail.code.length);
    }
    const deepest = this.#deepest();
    if (deepest === 0) return undefined;
    if (deepest < trail.depth) backTo(deepest);
    this.#lower.length = 0;
    this.#atDepth = 0;
    this.#add(trail.length);
    let at = trail.length - 1;
    for (; ; at -= 1) {
      if (this.#isMarked[at] === 0) continue;
      this.#isMarked[at] = 0;
      if (this.#atDepth === 1) break;
      this.#atDepth -= 1;
      conflict.clear();
      explanation.of(trail.rule[at]!, trail.a[at]!, trail.b[at]!, trail.code[at]!, this.#needed[at]!, at);
      this.#add(at);
    }
    return this.#lesson(at);
  }

  /** The deepest level of the facts that contradict. */
  #deepest(): number {
    const { trail, conflict } = this.#of;
    let deepest = 0;
    for (let index = 0; index < conflict.length; index += 1) {
      const at = trail.factOf(conflict.codes[index]!, conflict.values[index]!, trail.length);
      if (at >= 0) deepest = Math.max(deepest, trail.level[at]!);
    }
    return deepest;
  }

  /** Puts the premises, which hold before fact `end`, into the nogood. */
  #add(end: number): void {
    const { trail, conflict, model } = this.#of;
    for (let index = 0; index < conflict.length; index += 1) {
      const [code, value] = [conflict.codes[index]!, conflict.values[index]!];
      const at = trail.factOf(code, value, end);
      if (at < 0 || trail.level[at] === 0) continue;
      if (this.#isMarked[at] === 1) {
        if (value > this.#needed[at]!) this.#needed[at] = value;
        continue;
      }
      this.#isMarked[at] = 1;
      this.#needed[at] = value;
      this.#involve(code >= 0 ? code >> 1 : (-1 - code) % model.modes);
      if (trail.level[at] === trail.depth) this.#atDepth += 1;
      else this.#lower.push(at);
    }
  }

  #lesson(implicationPoint: number): Lesson {
    const { trail } = this.#of;
    const kept = this.#lower.filter((at) => !this.#isImplied(at));
    for (const at of this.#lower) this.#isMarked[at] = 0;
    const codes = [trail.code[implicationPoint]!];
    const values = [this.#needed[implicationPoint]!];
    const levels = new Set([trail.depth]);
    const bounds = new Set(codes);
    let [depth, deepest] = [0, 1];
    // A bound's latest fact says more than its earlier ones.
    for (const at of kept.sort((a, b) => b - a)) {
      const code = trail.code[at]!;
      if (code < 0 && bounds.has(code)) continue;
      bounds.add(code);
      if (trail.level[at]! > depth) [depth, deepest] = [trail.level[at]!, codes.length];
      levels.add(trail.level[at]!);
      codes.push(code);
      values.push(this.#needed[at]!);
    }
    if (codes.length > 1) {
      [codes[1], codes[deepest]] = [codes[deepest]!, codes[1]!];
      [values[1], values[deepest]] = [values[deepest]!, values[1]!];
    }
    return { codes, values, depth, levels: levels.size };
  }

  /** Whether a fact follows from the others in the nogood. */
  #isImplied(at: number): boolean {
    const { trail, conflict, explanation } = this.#of;
    if (trail.rule[at] === RULE.decision) return false;
    conflict.clear();
    explanation.of(trail.rule[at]!, trail.a[at]!, trail.b[at]!, trail.code[at]!, this.#needed[at]!, at);
    for (let index = 0; index < conflict.length; index += 1) {
      const from = trail.factOf(conflict.codes[index]!, conflict.values[index]!, at);
      if (from < 0 || trail.level[from] === 0) continue;
      if (this.#isMarked[from] === 0 || conflict.values[index]! > this.#needed[from]!) return false;
    }
    return true;
  }
}
