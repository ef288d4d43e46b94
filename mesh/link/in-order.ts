/**
 * Where routes join that take turns, frames overtake each other; this hands them on in the order of their ids.
 *
 *     from pi1: 0     2  4 ─┐
 *     from pi2:    1 ·  · ··┴─▶ 0 1 2 ·          3 is late: 4 waits for it
 *
 * So everything behind it sees growing ids, whichever way they came. What waits is bounded by the credit of
 * the routes. Pure: no clock, no I/O.
 */
import type { FrameId } from '../frame.ts';

export class InOrder<T> {
  readonly #comes: (id: FrameId) => boolean;
  readonly #waiting = new Map<FrameId, T>();
  #next: FrameId;

  /** From `first` on; `comes`: whether a frame will come here at all, some of every period must. */
  constructor(first: FrameId, comes: (id: FrameId) => boolean) {
    this.#next = first;
    this.#comes = comes;
    this.#skip();
  }

  /** Each frame that comes, once, in any order; returns those that can go on now, in order. */
  add(id: FrameId, frame: T): T[] {
    this.#waiting.set(id, frame);
    const going: T[] = [];
    for (let found = this.#waiting.get(this.#next); found !== undefined; found = this.#waiting.get(this.#next)) {
      going.push(found);
      this.#waiting.delete(this.#next);
      this.#next += 1n;
      this.#skip();
    }
    return going;
  }

  #skip(): void {
    while (!this.#comes(this.#next)) this.#next += 1n;
  }
}
