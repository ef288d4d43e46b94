/**
 * What the source remembers: every frame that was sent and is not yet acknowledged by the sink, oldest first.
 *
 *     admit(7) ──▶ [ 4 5 6 7 ] ──▶ acknowledge(6) ──▶ [ 6 7 ]          at most `window` frames, ids without gaps
 *
 * The source waits while the ledger is full; nowhere else do frames wait. What is in the ledger is what a new epoch has to replay.
 * Pure: no clock, no I/O.
 */
import type { FrameId } from '../../mesh/frame.ts';

export class Ledger<T> {
  readonly #frames = new Map<FrameId, T>();
  #window: number;
  #next: FrameId;
  #acknowledged: FrameId;

  /** `window`: most frames in the ledger at once, at least 1. `first`: all frames below were committed before this ledger began. */
  constructor(window: number, first: FrameId = 0n) {
    this.#window = atLeastOne(window);
    this.#next = first;
    this.#acknowledged = first;
  }

  /** A smaller window takes effect as frames are acknowledged. */
  set window(window: number) {
    this.#window = atLeastOne(window);
  }

  get window(): number {
    return this.#window;
  }

  get size(): number {
    return this.#frames.size;
  }

  get full(): boolean {
    return this.#frames.size >= this.#window;
  }

  /** Id of the next frame to admit. */
  get next(): FrameId {
    return this.#next;
  }

  /** All frames below are acknowledged. */
  get acknowledged(): FrameId {
    return this.#acknowledged;
  }

  /** Takes a frame in and gives it its id. The caller has checked `full`. */
  admit(frame: T): FrameId {
    if (this.full) throw new RangeError(`ledger is full (${this.#window} frames)`);
    const id = this.#next;
    this.#frames.set(id, frame);
    this.#next += 1n;
    return id;
  }

  /**
   * All frames below `next` are committed. Returns those that leave the ledger, oldest first: none for an acknowledgement that is
   * repeated or overtaken by a later one. An acknowledgement of frames that were never admitted counts for the admitted ones only.
   */
  acknowledge(next: FrameId): { readonly id: FrameId; readonly frame: T }[] {
    const left: { id: FrameId; frame: T }[] = [];
    while (this.#acknowledged < next && this.#acknowledged < this.#next) {
      const id = this.#acknowledged;
      left.push({ id, frame: this.#frames.get(id)! });
      this.#frames.delete(id);
      this.#acknowledged += 1n;
    }
    return left;
  }

  /** A frame that is not acknowledged; undefined for others. What a new epoch has to send again is all from `acknowledged` to `next`. */
  get(id: FrameId): T | undefined {
    return this.#frames.get(id);
  }
}

function atLeastOne(window: number): number {
  if (!Number.isInteger(window) || window < 1) throw new RangeError(`window ${window} is not a positive integer`);
  return window;
}
