/**
 * Where exactly-once is decided: the first commit of an id wins, a known one is dropped (and acknowledged again), and frames leave in the
 * order of their ids, each once.
 *
 *     commit(2) commit(0) commit(0) commit(1) ──▶ 0 1 2            one duplicate dropped
 *
 * Pure: no clock, no I/O. What is held back is bounded by the source's window.
 */
import type { FrameId } from '../../mesh/frame.ts';

export class Commits<T> {
  readonly #held = new Map<FrameId, T>();
  #next: FrameId;
  #dropped = 0;

  /** `first`: all frames below were committed by whoever worked on the run before. */
  constructor(first: FrameId = 0n) {
    this.#next = first;
  }

  /** The frames that can leave now, in order; undefined when this id was committed before. */
  commit(id: FrameId, frame: T): { readonly id: FrameId; readonly frame: T }[] | undefined {
    if (id < this.#next || this.#held.has(id)) {
      this.#dropped += 1;
      return undefined;
    }
    this.#held.set(id, frame);
    const leaving: { id: FrameId; frame: T }[] = [];
    for (let found = this.#held.get(this.#next); found !== undefined; found = this.#held.get(this.#next)) {
      leaving.push({ id: this.#next, frame: found });
      this.#held.delete(this.#next);
      this.#next += 1n;
    }
    return leaving;
  }

  /** All frames below are out. */
  get next(): FrameId {
    return this.#next;
  }

  /** Arrivals of an id that was committed before. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Frames that wait for one with a lower id. */
  get held(): number {
    return this.#held.size;
  }
}
