/**
 * What was learned: sets of facts that can't all hold. Two facts of each nogood are watched, while they are not known to hold:
 *
 *     { t2 on p0,  head of t7 on p1 ≥ 65,  t3 before t5 }        one of the watched becomes true: another open one is watched instead;
 *       watched    watched                                       there is none: the other watched one can't hold
 *
 * (Moskewicz et al.: Chaff, DAC 2001; bounds as facts: Ohrimenko, Stuckey, Codish: Propagation via lazy clause generation, Constraints 14, 2009.)
 */
import type { Premises } from './premises.ts';
import type { Trail } from './trail.ts';

interface Nogood {
  readonly codes: Int32Array;
  readonly values: Float64Array;
  /** At how many levels its facts became known when it was learned: the fewer, the more often it will be of use. */
  readonly levels: number;
  activity: number;
}

/** Kept whatever happens. */
const LEVELS_GOOD = 3;
const LIMIT_FIRST = 2000;
const LIMIT_MORE = 300;
const FADE = 0.999;
const ACTIVITY_MAX = 1e100;

/** What a look at a nogood came to. */
const KEPT = 0;
const MOVED = 1;
const FAILED = 2;

export class Nogoods {
  readonly #trail: Trail;
  #all: Nogood[] = [];
  /** Watchers of literals; of bounds, with the value that is waited for. */
  readonly #ofLiteral: number[][];
  readonly #ofBound: number[][];
  readonly #valueOf: number[][];
  #limit = LIMIT_FIRST;
  #increment = 1;

  constructor(trail: Trail) {
    const { variables, modes } = trail.model;
    this.#trail = trail;
    this.#ofLiteral = Array.from({ length: 2 * variables }, () => []);
    this.#ofBound = Array.from({ length: 2 * modes }, () => []);
    this.#valueOf = Array.from({ length: 2 * modes }, () => []);
  }

  /** Returns its number. The first two facts are those to be watched. */
  add(codes: readonly number[], values: readonly number[], levels: number): number {
    this.#all.push({ codes: Int32Array.from(codes), values: Float64Array.from(values), levels, activity: this.#increment });
    const number = this.#all.length - 1;
    this.#watch(number, codes[0]!, values[0]!);
    this.#watch(number, codes[1]!, values[1]!);
    return number;
  }

  /** All facts of a nogood but one. */
  explain(number: number, but: number, into: Premises): void {
    const nogood = this.#all[number]!;
    for (let at = 0; at < nogood.codes.length; at += 1) if (nogood.codes[at] !== but) into.fact(nogood.codes[at]!, nogood.values[at]!);
    nogood.activity += this.#increment;
    if (nogood.activity > ACTIVITY_MAX) {
      for (const each of this.#all) each.activity /= ACTIVITY_MAX;
      this.#increment /= ACTIVITY_MAX;
    }
  }

  fade(): void {
    this.#increment /= FADE;
  }

  /** A fact has become true. `exclude`: is told what can't hold any more, and returns whether that is possible. */
  visit(code: number, exclude: (code: number, value: number, nogood: number) => boolean): boolean {
    const bound = -1 - code;
    const list = code >= 0 ? this.#ofLiteral[code]! : this.#ofBound[bound]!;
    const waited = code >= 0 ? undefined : this.#valueOf[bound]!;
    const now = code >= 0 ? 0 : this.#trail.bound[bound]!;
    let kept = 0;
    let result = KEPT;
    for (let at = 0; at < list.length; at += 1) {
      const number = list[at]!;
      const value = waited === undefined ? 0 : waited[at]!;
      if (result !== FAILED && value <= now) {
        result = this.#look(this.#all[number]!, number, code, exclude);
        if (result === MOVED) continue;
      }
      list[kept] = number;
      if (waited !== undefined) waited[kept] = value;
      kept += 1;
    }
    list.length = kept;
    if (waited !== undefined) waited.length = kept;
    return result !== FAILED;
  }

  #look(
    { codes, values }: Nogood,
    number: number,
    code: number,
    exclude: (code: number, value: number, nogood: number) => boolean,
  ): number {
    if (codes[0] === code) swap(codes, values, 0, 1);
    const other = codes[0]!;
    if (other >= 0 && this.#trail.isTrue[other ^ 1] === 1) return KEPT;
    for (let at = 2; at < codes.length; at += 1) {
      if (this.#trail.holds(codes[at]!, values[at]!)) continue;
      swap(codes, values, 1, at);
      this.#watch(number, codes[1]!, values[1]!);
      return MOVED;
    }
    return exclude(other, values[0]!, number) ? KEPT : FAILED;
  }

  /** Forgets those that were of little use, when there are too many. Only at level 0: later facts refer to nogoods by number. */
  reduce(): void {
    if (this.#all.length <= this.#limit) return;
    this.#limit += LIMIT_MORE;
    const rest = this.#all.filter(({ levels }) => levels > LEVELS_GOOD).sort((a, b) => b.activity - a.activity);
    const dropped = new Set(rest.slice(rest.length >> 1));
    this.#all = this.#all.filter((each) => !dropped.has(each));
    for (const list of [this.#ofLiteral, this.#ofBound, this.#valueOf]) for (const each of list) each.length = 0;
    for (const [number, { codes, values }] of this.#all.entries()) {
      this.#watch(number, codes[0]!, values[0]!);
      this.#watch(number, codes[1]!, values[1]!);
    }
  }

  #watch(number: number, code: number, value: number): void {
    if (code >= 0) {
      this.#ofLiteral[code]!.push(number);
    } else {
      this.#ofBound[-1 - code]!.push(number);
      this.#valueOf[-1 - code]!.push(value);
    }
  }
}

function swap(codes: Int32Array, values: Float64Array, i: number, j: number): void {
  const [code, value] = [codes[i]!, values[i]!];
  codes[i] = codes[j]!;
  values[i] = values[j]!;
  codes[j] = code;
  values[j] = value;
}
