/**
 * Branches that were met before. Two branches that have done the same tasks, and have those that others still wait for on the same processors,
 * go on alike; if in one of them everything is there no later than in the other, the other can't end earlier and is not looked at.
 */
import type { Problem } from './problem.ts';

/** A table of some hundred megabytes at most; when it is full, what comes is compared and not kept. */
const ENTRIES_MAX = 400_000;
const OPEN = -1;
const DONE = -2;

interface Entry {
  /** Of each task: the processor of one that others wait for, DONE for the others that are done, OPEN. */
  readonly where: Int8Array;
  /** When the processors are free, and the ends of tasks that others wait for. */
  readonly times: Float64Array;
  /** Start and topological rank of the task that was appended last: nothing that follows may come before it in their order. */
  readonly last: number;
  readonly lastRank: number;
}

export class Transpositions {
  readonly #problem: Problem;
  readonly #entries = new Map<number, Entry[]>();
  /** A random number for each task and place. */
  readonly #hashes: Int32Array;
  readonly #where: Int8Array;
  readonly #times: Float64Array;
  #count = 0;

  constructor(problem: Problem) {
    const { tasks, processors } = problem;
    this.#problem = problem;
    this.#where = new Int8Array(tasks);
    this.#times = new Float64Array(tasks + processors);
    this.#hashes = Int32Array.from(
      { length: tasks * (processors + 1) },
      (_, at) => Math.imul(at + 1, 0x9e3779b1) ^ Math.imul(at + 7, 0x85ebca6b),
    );
  }

  /** Also remembers the branch if it is not. `last`, `lastRank`: what was appended last. */
  isDominated(processor: Int32Array, finish: Float64Array, free: Float64Array, last: number, lastRank: number): boolean {
    const { tasks, processors, outStart, outTo } = this.#problem;
    const [where, times] = [this.#where, this.#times];
    let [hash, count] = [0, processors];
    let earliest = Number.POSITIVE_INFINITY;
    for (let p = 0; p < processors; p += 1) {
      times[p] = Math.max(free[p]!, last);
      earliest = Math.min(earliest, times[p]!);
    }
    for (let task = 0; task < tasks; task += 1) {
      const own = processor[task]!;
      let place = OPEN;
      if (own !== OPEN) {
        place = DONE;
        for (let at = outStart[task]!; at < outStart[task + 1]!; at += 1) {
          if (processor[outTo[at]!] !== OPEN) continue;
          place = own;
          break;
        }
        hash = (Math.imul(hash, 31) + this.#hashes[task * (processors + 1) + (place === DONE ? processors : place)]!) | 0;
        if (place !== DONE) {
          times[count] = finish[task]!;
          count += 1;
        }
      }
      where[task] = place;
    }
    const bucket = this.#entries.get(hash);
    if (bucket !== undefined) {
      for (const entry of bucket) {
        // What this branch could append at the very moment of the other's last start, the other might have to append before it.
        const isFree = entry.last < earliest || (entry.last === last && entry.lastRank <= lastRank);
        if (isFree && isSame(entry.where, where) && isNoLater(entry.times, times, count)) return true;
      }
    }
    if (this.#count >= ENTRIES_MAX) return false;
    this.#count += 1;
    const entry = { where: where.slice(), times: times.slice(0, count), last, lastRank };
    if (bucket === undefined) this.#entries.set(hash, [entry]);
    else bucket.push(entry);
    return false;
  }
}

function isSame(a: Int8Array, b: Int8Array): boolean {
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function isNoLater(a: Float64Array, b: Float64Array, count: number): boolean {
  for (let index = 0; index < count; index += 1) if (a[index]! > b[index]!) return false;
  return true;
}
