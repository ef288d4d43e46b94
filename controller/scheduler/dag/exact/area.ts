/**
 * Work inside a window of time must fit on the processors:
 *
 *     p0  ├──head──┤░░░ window ░░░├──tail──┤      what a task does inside at least, if it is there, begins at its head or ends at its tail
 *     p1  ├───head───┤░░ window ░░├──tail──┤      heads and tails of the window: the least of any task there, or more
 *
 * However it is divided: by duality every choice of weights w ≥ 0 is a test. If Σ_t min_p w[p]·inside[t,p], over the processors t can still go to,
 * is more than Σ_p w[p]·window[p], there is no schedule. A few steps of a subgradient ascent look for good weights, from those of the time before.
 * (Energetic reasoning: Baptiste, Le Pape, Nuijten: Constraint-based scheduling, 2001, with the fractional assignment as relaxation.)
 */
import type { Deduction } from './deduction.ts';
import { RULE } from './trail.ts';

const STEPS = 5;
/** Of a survey: of everything, and of each window, from the weights of everything. */
const STEPS_FIRST = 100;
const STEPS_SURVEY = 12;
/** Heads and tails of windows in a survey. */
const LEVELS = 9;
/** Sums of products are rounded, quotients too. */
const SLACK = 1e-9;
const ROUNDING = 1e-12;
const WEIGHT_MIN = 1e-6;

export class Area {
  readonly #of: Deduction;
  /** For everything, as it was left the last time. */
  readonly #weight: Float64Array;
  /** Least head and tail of anything on each processor. */
  readonly #least: readonly [Float64Array, Float64Array];
  readonly #head: Float64Array;
  readonly #tail: Float64Array;
  readonly #time: Float64Array;
  readonly #load: Float64Array;
  /** Of each mode; infinite when it is excluded. */
  readonly #inside: Float64Array;

  constructor(deduction: Deduction) {
    this.#of = deduction;
    const { processors, modes } = deduction.model;
    const perProcessor = (): Float64Array => new Float64Array(processors);
    this.#weight = new Float64Array(processors).fill(1 / processors);
    this.#least = [perProcessor(), perProcessor()];
    this.#head = perProcessor();
    this.#tail = perProcessor();
    this.#time = perProcessor();
    this.#load = perProcessor();
    this.#inside = new Float64Array(modes);
  }

  /** Of everything: whether the work may fit; if not, `conflict` tells. Excludes modes with which it would not. */
  check(): boolean {
    this.#measure();
    this.#open(0, 0);
    let excess = 0;
    for (let step = 0; step < STEPS; step += 1) {
      if (step > 0) this.#ascend(this.#weight, step - 1);
      excess = this.#excess(this.#weight);
      if (excess <= 0) continue;
      this.#explain(excess, -1);
      return false;
    }
    return this.#excludeModes(excess);
  }

  /** `excess`: that of the weights, with every task where it is cheapest. */
  #excludeModes(excess: number): boolean {
    const { trail, model, conflict } = this.#of;
    const { tasks, processors } = model;
    for (let task = 0; task < tasks; task += 1) {
      if (trail.placed[task]! >= 0) continue;
      const least = this.#leastWork(task);
      for (let p = 0; p < processors; p += 1) {
        const mode = task * processors + p;
        const more = excess + this.#weight[p]! * this.#inside[mode]! - least;
        if (!(more > 0) || trail.isTrue[2 * mode + 1] === 1) continue;
        this.#explain(more, mode);
        const notes = trail.notes.length;
        for (let index = 0; index < conflict.length; index += 1) trail.notes.push(conflict.codes[index]!, conflict.values[index]!);
        if (!this.#of.assert(2 * mode + 1, RULE.noted, notes, conflict.length)) return false;
      }
    }
    return true;
  }

  #leastWork(task: number): number {
    const { processors } = this.#of.model;
    let least = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processors; p += 1) least = Math.min(least, this.#weight[p]! * this.#inside[task * processors + p]!);
    return least;
  }

  /** Looks at many windows, without explanation. Whether the work may fit. */
  survey(): boolean {
    this.#measure();
    if (!this.#mayFit(0, 0, this.#weight, STEPS_FIRST)) return false;
    const [heads, tails] = [this.#levels(0), this.#levels(1)];
    return heads.every((head) => tails.every((tail) => this.#mayFit(head, tail, this.#weight.slice(), STEPS_SURVEY)));
  }

  #mayFit(head: number, tail: number, weight: Float64Array, steps: number): boolean {
    this.#open(head, tail);
    for (let step = 0; step < steps; step += 1) {
      if (this.#excess(weight) > 0) return false;
      this.#ascend(weight, step);
    }
    return true;
  }

  /** Some of the times at which tasks can begin at the earliest (side 1: that are behind them at least). */
  #levels(side: 0 | 1): number[] {
    const { trail, model } = this.#of;
    const { tasks, processors, modes } = model;
    const times = new Set([0]);
    for (let task = 0; task < tasks; task += 1) {
      const from = side * modes + task * processors;
      times.add(trail.bound.subarray(from, from + processors).reduce((a, b) => Math.min(a, b)));
    }
    const sorted = [...times].sort((a, b) => a - b);
    const step = Math.max(1, Math.floor(sorted.length / LEVELS));
    return sorted.filter((_, index) => index % step === 0 || index === 1);
  }

  #measure(): void {
    const { trail, model } = this.#of;
    const { processors, modes } = model;
    const [head, tail] = this.#least;
    head.fill(Number.POSITIVE_INFINITY);
    tail.fill(Number.POSITIVE_INFINITY);
    for (let mode = 0, p = 0; mode < modes; mode += 1) {
      if (trail.bound[mode]! < head[p]!) head[p] = trail.bound[mode]!;
      if (trail.bound[modes + mode]! < tail[p]!) tail[p] = trail.bound[modes + mode]!;
      p = p + 1 === processors ? 0 : p + 1;
    }
  }

  /** Nothing before `first` counts, and nothing that has less than `last` behind it. */
  #open(first: number, last: number): void {
    const { trail, model } = this.#of;
    const { processors, modes, length } = model;
    const [head, tail, time] = [this.#head, this.#tail, this.#time];
    for (let p = 0; p < processors; p += 1) {
      head[p] = Math.max(this.#least[0][p]!, first);
      tail[p] = Math.max(this.#least[1][p]!, last);
      time[p] = Math.max(0, trail.limit - head[p]! - tail[p]!);
    }
    for (let mode = 0, p = 0; mode < modes; mode += 1) {
      const own = length[mode]!;
      const early = trail.bound[mode]! + own - head[p]!;
      const late = trail.bound[modes + mode]! + own - tail[p]!;
      if (trail.bound[mode] === Number.POSITIVE_INFINITY) this.#inside[mode] = Number.POSITIVE_INFINITY;
      else this.#inside[mode] = Math.max(0, Math.min(own, time[p]!, early, late));
      p = p + 1 === processors ? 0 : p + 1;
    }
  }

  /** How much more weighed work there is than weighed time. */
  #excess(weight: Float64Array): number {
    const { tasks, processors } = this.#of.model;
    const [inside, load] = [this.#inside, this.#load];
    load.fill(0);
    let [work, time] = [0, 0];
    for (let task = 0, mode = 0; task < tasks; task += 1) {
      let [least, chosen, longest] = [Number.POSITIVE_INFINITY, 0, 0];
      for (let p = 0; p < processors; p += 1, mode += 1) {
        const cost = weight[p]! * inside[mode]!;
        if (cost < least) {
          least = cost;
          chosen = p;
          longest = inside[mode]!;
        }
      }
      work += least;
      load[chosen]! += longest;
    }
    for (let p = 0; p < processors; p += 1) time += weight[p]! * this.#time[p]!;
    return work - time * (1 + SLACK);
  }

  /** Processors with more work than time become dearer. */
  #ascend(weight: Float64Array, step: number): void {
    const { processors } = this.#of.model;
    const limit = Math.max(1, this.#of.trail.limit);
    let sum = 0;
    for (let p = 0; p < processors; p += 1) {
      const off = (this.#load[p]! - this.#time[p]!) / limit;
      weight[p]! *= Math.exp(Math.max(-2, Math.min(2, off)) / (1 + step / 6));
      sum += weight[p]!;
    }
    for (let p = 0; p < processors; p += 1) weight[p] = Math.max(WEIGHT_MIN, weight[p]! / sum);
  }

  /**
   * Each task must do as much inside wherever it runs; what is not needed for the excess is left out, as far as the excess allows. `mode`: why not
   * that one, instead of why not at all.
   */
  #explain(excess: number, mode: number): void {
    const { conflict, model } = this.#of;
    const { tasks, processors } = model;
    const assumed = mode < 0 ? -1 : Math.floor(mode / processors);
    let left = excess * (1 - SLACK);
    conflict.clear();
    for (let task = 0; task < tasks; task += 1) {
      const work = task === assumed ? this.#weight[mode % processors]! * this.#inside[mode]! : this.#leastWork(task);
      if (work < left) left -= work;
      else if (task === assumed) this.#explainMode(mode, work);
      else left = this.#explainTask(task, work, left);
    }
  }

  /** Returns what is left of the excess. */
  #explainTask(task: number, least: number, excess: number): number {
    const { trail, model, conflict } = this.#of;
    const { processors, length } = model;
    let [work, left] = [least, excess];
    for (let p = 0; p < processors; p += 1) {
      const mode = task * processors + p;
      if (trail.isTrue[2 * mode + 1] === 1) {
        // Were it possible, it could do so much inside.
        const missing = work - this.#weight[p]! * Math.min(length[mode]!, this.#time[p]!);
        if (this.#head[p] === Number.POSITIVE_INFINITY || missing >= left) {
          conflict.literal(2 * mode + 1);
          continue;
        }
        if (missing > 0) {
          left -= missing;
          work -= missing;
        }
      }
      this.#explainMode(mode, work);
    }
    return left;
  }

  /** The mode's head and tail are such that it does at least so much, weighed, inside. */
  #explainMode(mode: number, work: number): void {
    const { trail, model, conflict } = this.#of;
    const p = mode % model.processors;
    const outside = Math.max(0, model.length[mode]! - work / this.#weight[p]!) + trail.limit * ROUNDING;
    conflict.bound(mode, Math.ceil(this.#head[p]! - outside));
    conflict.bound(model.modes + mode, Math.ceil(this.#tail[p]! - outside));
  }
}
