/**
 * Which transfers occupy what, and when. With contention a transfer has its link, or the interfaces at both of its ends, to itself:
 *
 *     "link"        p ─▶ q    ▐█a█▌▐██b██▌  ▐c▌        one list for each p and q
 *     "interface"   out of p  ▐█a█▌▐██b██▌             one list for each processor's sending and one for each one's receiving;
 *                   into q    ▐█a█▌        ▐c▌         a transfer is in two of them at the same time
 *
 * It occupies them for data ÷ bandwidth, and arrives a latency later. A transfer without data occupies nothing.
 * (The edge scheduling of Sinnen, Sousa: Communication contention in task scheduling, IEEE TPDS 16(6), 2005; the one-port model.)
 */
import { occupation, type Problem } from './problem.ts';

/** `insertion`: into the first gap that is long enough. `append`: behind everything that is there. */
export type Placing = 'append' | 'insertion';

export class Network {
  readonly #problem: Problem;
  /** When each edge's transfer begins and ends to occupy something; NaN: it is not booked. */
  readonly departure: Float64Array;
  readonly #end: Float64Array;
  /** Edges of each link or interface by their departures. */
  readonly #lists: number[][];
  readonly #resource: (p: number, q: number) => readonly [number, number];

  constructor(problem: Problem) {
    const { processors, contention, data } = problem;
    this.#problem = problem;
    this.departure = new Float64Array(data.length).fill(Number.NaN);
    this.#end = new Float64Array(data.length);
    const count = contention === 'link' ? processors ** 2 : 2 * processors;
    this.#lists = Array.from({ length: count }, () => []);
    this.#resource = resourcesOf(problem);
  }

  clear(): void {
    this.departure.fill(Number.NaN);
    for (const list of this.#lists) list.length = 0;
  }

  /** Books the transfer of an edge from p to another processor q, which is possible from `ready` on. Returns when the data are there. */
  book(edge: number, p: number, q: number, ready: number, placing: Placing): number {
    const width = occupation(this.#problem, edge, p, q);
    const latency = this.#problem.latency[p * this.#problem.processors + q]!;
    let from = ready;
    if (width > 0) {
      const [a, b] = this.#resource(p, q);
      const [one, other] = [this.#lists[a]!, this.#lists[b]!];
      if (placing === 'append') from = Math.max(ready, this.#lastEnd(one), this.#lastEnd(other));
      else from = this.#firstGap(one, other, ready, width);
      this.#insert(one, edge, from);
      if (one !== other) this.#insert(other, edge, from);
    }
    this.departure[edge] = from;
    this.#end[edge] = from + width;
    return this.#end[edge]! + latency;
  }

  /** Takes back what was booked, if anything was. */
  release(edge: number, p: number, q: number): void {
    if (Number.isNaN(this.departure[edge])) return;
    this.departure[edge] = Number.NaN;
    if (occupation(this.#problem, edge, p, q) === 0) return;
    for (const at of new Set(this.#resource(p, q))) {
      const list = this.#lists[at]!;
      list.splice(list.lastIndexOf(edge), 1);
    }
  }

  #lastEnd(list: readonly number[]): number {
    return list.length === 0 ? 0 : this.#end[list.at(-1)!]!;
  }

  /** The first time at which both are free for so long. Both lists are walked once: a time only ever moves behind something. */
  #firstGap(one: readonly number[], other: readonly number[], ready: number, width: number): number {
    let from = ready;
    let [a, b] = [0, one === other ? other.length : 0];
    for (;;) {
      while (a < one.length && this.#end[one[a]!]! <= from) a += 1;
      while (b < other.length && this.#end[other[b]!]! <= from) b += 1;
      if (a < one.length && this.departure[one[a]!]! < from + width) from = this.#end[one[a]!]!;
      else if (b < other.length && this.departure[other[b]!]! < from + width) from = this.#end[other[b]!]!;
      else return from;
    }
  }

  #insert(list: number[], edge: number, from: number): void {
    let at = list.length;
    while (at > 0 && this.departure[list[at - 1]!]! > from) at -= 1;
    list.splice(at, 0, edge);
  }
}

/** What a transfer from p to q occupies: the numbers of one or two resources (twice the same when it is one). */
export function resourcesOf({ processors, contention }: Problem): (p: number, q: number) => readonly [number, number] {
  if (contention === 'link') return (p, q) => [p * processors + q, p * processors + q];
  return (p, q) => [p, processors + q];
}
