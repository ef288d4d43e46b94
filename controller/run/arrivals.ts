/**
 * Which frame of the input goes next, and when: frames are indices until the window has room for one.
 *
 *     closed loop   the next, as soon as there is room
 *     open loop     those that are due; of those that can't go in time some may be dropped (controller/recovery/admission.ts)
 *
 * Only a frame that goes for certain is prepared ahead. What `take` has handed out goes: nobody else drops it.
 */
import { Admission, type AdmissionCounts, type DropPolicy } from '../recovery/admission.ts';

/** What becomes of frames of an open loop that can't go in time. */
export interface Dropping {
  readonly policy: Exclude<DropPolicy, 'wait'>;
  /** oldest: how long a frame may wait. newest: as many may as come within this time. */
  readonly deadlineMs: number;
}

export interface Arrival {
  /** Of the frame in the input. */
  readonly index: number;
  /** By the clock; its latency begins then. Undefined in a closed loop: as soon as it can go. */
  readonly dueMs: number | undefined;
}

export type Next =
  | { readonly kind: 'take'; readonly arrival: Arrival }
  | { readonly kind: 'later'; readonly atMs: number }
  | { readonly kind: 'end' };

export class Arrivals {
  readonly #frames: number;
  readonly #admission: Admission | undefined;
  #taken = 0;

  /** `nowMs`: when frame 0 is due. */
  constructor(frames: number, rateFps: number | undefined, dropping: Dropping | undefined, nowMs: number) {
    this.#frames = frames;
    if (rateFps === undefined) return;
    this.#admission = new Admission({ startMs: nowMs, rateFps, frames, ...(dropping ?? { policy: 'wait', deadlineMs: 0 }) });
  }

  /** There is room for a frame. */
  next(nowMs: number): Next {
    if (this.#admission === undefined) {
      if (this.#taken >= this.#frames) return { kind: 'end' };
      this.#taken += 1;
      return { kind: 'take', arrival: { index: this.#taken - 1, dueMs: undefined } };
    }
    const offer = this.#admission.offer(nowMs);
    if (offer.kind !== 'admit') return offer;
    return { kind: 'take', arrival: { index: offer.index, dueMs: offer.dueMs } };
  }

  /** The index that `next` will hand out next, when that is known already. */
  get certain(): number | undefined {
    if (this.#admission !== undefined) return this.#admission.certain;
    return this.#taken < this.#frames ? this.#taken : undefined;
  }

  /** No frame is left to be handed out. */
  ended(nowMs: number): boolean {
    return this.#admission?.ended(nowMs) ?? this.#taken >= this.#frames;
  }

  /** Frames so far: in a closed loop they come when they are taken. */
  counts(nowMs: number): AdmissionCounts {
    return this.#admission?.counts(nowMs) ?? { offered: this.#taken, admitted: this.#taken, dropped: 0, waiting: 0 };
  }

  /** What it remembers of frames that wait; see Admission. */
  get size(): number {
    return this.#admission?.size ?? 0;
  }
}
