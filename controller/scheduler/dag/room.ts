/**
 * Who still fits where. A placement that looks possible can leave no place for what comes later, so a packing of everything is kept in hand:
 *
 *     packing    p0: 1 4 7     p1: 0 2     p2: 3 5 6        every task has a place; those already placed have theirs
 *     canPlace   a place is possible if it is the task's own in the packing, if there is room beside the packing, or if what is not placed
 *                yet can be packed anew around it
 *
 * Packing: what needs most first, where least is left (best fit decreasing; Johnson 1974); when that fails at the beginning, a search with a limit.
 */
import { MeshError } from '../../../mesh/error.ts';
import type { Memory, Problem } from './problem.ts';

const OPEN = -1;
/** Sums of needs in another order differ by so much. The check of schedules allows more. */
const SLACK = 1e-12;
const SEARCH_STEPS = 200_000;

export class Room {
  readonly #memory: Memory;
  readonly #tasks: number;
  readonly #processors: number;
  /** Tasks whose memory is needed, the largest need first. */
  readonly #bySize: readonly number[];
  readonly #own: readonly (readonly number[])[];
  readonly #limit: Float64Array;
  /** The packing, and the processors of the tasks that are placed. */
  readonly #packing: Int32Array;
  readonly #placed: Int32Array;
  /** Who uses what in the packing, and among the tasks that are placed. */
  readonly #packed: Usage;
  readonly #fixed: Usage;

  /** Error `exhausted` when the tasks do not fit on the processors, or when no way was found. */
  constructor(problem: Problem, memory: Memory) {
    const { tasks, processors } = problem;
    this.#memory = memory;
    [this.#tasks, this.#processors] = [tasks, processors];
    this.#limit = memory.capacity.map((each) => each * (1 + SLACK));
    const own: number[][] = Array.from({ length: tasks }, () => []);
    for (const [task, of] of memory.of.entries()) own[of]!.push(task);
    this.#own = own;
    this.#bySize = [...own.keys()].filter((of) => own[of]!.length > 0).sort((a, b) => memory.need[b]! - memory.need[a]! || a - b);
    this.#placed = new Int32Array(tasks).fill(OPEN);
    this.#packed = new Usage(memory, processors);
    this.#fixed = new Usage(memory, processors);
    const largest = memory.capacity.reduce((most, each) => Math.max(most, each));
    const big = this.#bySize[0]!;
    if (memory.need[big]! > largest * (1 + SLACK)) {
      throw new MeshError(
        'exhausted',
        `no processor has room for task ${big}: it needs ${memory.need[big]!}, the most there is is ${largest}`,
      );
    }
    const packing = this.#pack() ?? this.#search();
    if (packing === undefined) {
      const needs = this.#bySize.reduce((sum, of) => sum + memory.need[of]!, 0);
      throw new MeshError(
        'exhausted',
        `no way was found to fit the tasks into the processors' memory: they need ${needs}, there is ${memory.capacity.reduce((sum, each) => sum + each, 0)}`,
        { hint: 'raise capacity, or split what needs most' },
      );
    }
    this.#packing = packing;
    this.#adopt(packing);
  }

  canPlace(task: number, p: number): boolean {
    return this.#packing[task] === p || this.#hasFree(task, p) || this.#pack(task, p) !== undefined;
  }

  /** Error `exhausted` when there is no room. */
  place(task: number, p: number): void {
    if (this.#packing[task] !== p) {
      if (this.#hasFree(task, p)) {
        this.#packed.leave(task, this.#packing[task]!);
        this.#packed.enter(task, p);
        this.#packing[task] = p;
      } else {
        const packing = this.#pack(task, p);
        if (packing === undefined)
          throw new MeshError('exhausted', `processor ${p} has no room for task ${task} beside what must be there`);
        this.#adopt(packing);
      }
    }
    this.#placed[task] = p;
    this.#fixed.enter(task, p);
  }

  remove(task: number): void {
    this.#fixed.leave(task, this.#placed[task]!);
    this.#placed[task] = OPEN;
  }

  /** To be given to `restore`, when all that was placed since has been removed: another packing might leave other places. */
  save(): Int32Array {
    return this.#packing.slice();
  }

  restore(packing: Int32Array): void {
    this.#adopt(packing);
  }

  #hasFree(task: number, p: number): boolean {
    return this.#packed.used[p]! + this.#packed.more(task, p) <= this.#limit[p]!;
  }

  /** Everything that is not placed, around what is and this one task on p; undefined when no way was found. */
  #pack(task?: number, p = OPEN): Int32Array | undefined {
    const used = this.#fixed.used.slice();
    const packing = this.#placed.slice();
    if (task !== undefined) {
      used[p]! += this.#fixed.more(task, p);
      if (used[p]! > this.#limit[p]!) return undefined;
      packing[task] = p;
    }
    for (const of of this.#bySize) {
      const own = this.#own[of]!;
      let home = task !== undefined && this.#memory.of[task] === of ? p : this.#fixed.homeOf(of);
      if (!own.some((each) => packing[each] === OPEN)) continue;
      if (home === OPEN) {
        home = this.#bestFit(used, this.#memory.need[of]!);
        if (home === OPEN) return undefined;
        used[home]! += this.#memory.need[of]!;
      }
      for (const each of own) if (packing[each] === OPEN) packing[each] = home;
    }
    return packing;
  }

  #bestFit(used: Float64Array, need: number): number {
    let [best, least] = [OPEN, Number.POSITIVE_INFINITY];
    for (let p = 0; p < this.#processors; p += 1) {
      const left = this.#limit[p]! - used[p]! - need;
      if (left >= 0 && (best === OPEN || left < least)) [best, least] = [p, left];
    }
    return best;
  }

  /** Depth first, what needs most first; undefined when there is no packing, or after so many steps. */
  #search(): Int32Array | undefined {
    const { need } = this.#memory;
    const used = new Float64Array(this.#processors);
    const place = new Int32Array(this.#tasks).fill(OPEN);
    // Places tried so far of each; a stack by hand, as there may be many tasks.
    let depth = 0;
    for (let step = 0; step < SEARCH_STEPS && depth >= 0; step += 1) {
      if (depth === this.#bySize.length) return Int32Array.from({ length: this.#tasks }, (_, task) => place[this.#memory.of[task]!]!);
      const of = this.#bySize[depth]!;
      const was = place[of]!;
      if (was !== OPEN) used[was]! -= need[of]!;
      let next = was + 1;
      while (next < this.#processors && used[next]! + need[of]! > this.#limit[next]!) next += 1;
      if (next === this.#processors) {
        place[of] = OPEN;
        depth -= 1;
        continue;
      }
      place[of] = next;
      used[next]! += need[of]!;
      depth += 1;
    }
    return undefined;
  }

  #adopt(packing: Int32Array): void {
    this.#packing.set(packing);
    this.#packed.clear();
    for (let task = 0; task < this.#tasks; task += 1) this.#packed.enter(task, packing[task]!);
  }
}

/** How many tasks use each memory on each processor, and what that needs. */
class Usage {
  readonly #memory: Memory;
  readonly #processors: number;
  /** At memory × processors + p. */
  readonly #users: Int32Array;
  readonly used: Float64Array;

  constructor(memory: Memory, processors: number) {
    this.#memory = memory;
    this.#processors = processors;
    this.#users = new Int32Array(memory.of.length * processors);
    this.used = new Float64Array(processors);
  }

  clear(): void {
    this.#users.fill(0);
    this.used.fill(0);
  }

  /** What the task would need there that is not there yet. */
  more(task: number, p: number): number {
    const of = this.#memory.of[task]!;
    return this.#users[of * this.#processors + p]! > 0 ? 0 : this.#memory.need[of]!;
  }

  enter(task: number, p: number): void {
    this.used[p]! += this.more(task, p);
    this.#users[this.#memory.of[task]! * this.#processors + p]! += 1;
  }

  leave(task: number, p: number): void {
    this.#users[this.#memory.of[task]! * this.#processors + p]! -= 1;
    this.used[p]! -= this.more(task, p);
  }

  /** The first processor where this memory is used; OPEN when there is none. */
  homeOf(of: number): number {
    for (let p = 0; p < this.#processors; p += 1) if (this.#users[of * this.#processors + p]! > 0) return p;
    return OPEN;
  }
}
