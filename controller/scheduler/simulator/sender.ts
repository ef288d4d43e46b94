/**
 * Frames go on all their routes; one that waits for credit on one route does not hold up another route. `onSent` is called when every route
 * has taken a frame, as a producer's Outbox does it.
 */
import type { Lane } from './lane.ts';

export class Sender {
  readonly #lanes: readonly Lane[];
  readonly #onSent: (frame: number) => void;
  /** Routes that have not yet taken a frame. */
  readonly #pending: Uint16Array;

  constructor(lanes: readonly Lane[], frames: number, onSent: (frame: number) => void) {
    this.#lanes = lanes;
    this.#onSent = onSent;
    // With one route there is nothing to count.
    this.#pending = new Uint16Array(lanes.length > 1 ? frames : 0);
    for (const lane of lanes) lane.tellSent(lanes.length > 1 ? (frame) => this.#sent(frame) : onSent);
  }

  send(frame: number): void {
    const only = this.#lanes.length === 1 ? this.#lanes[0] : undefined;
    if (only?.carries(frame)) {
      only.offer(frame);
      return;
    }
    let carried = 0;
    for (const lane of this.#lanes) if (lane.carries(frame)) carried += 1;
    if (carried === 0) {
      this.#onSent(frame);
      return;
    }
    // Every route takes it later, when its thread has handed it over.
    this.#pending[frame] = carried;
    for (const lane of this.#lanes) if (lane.carries(frame)) lane.offer(frame);
  }

  /** A route has taken a frame. */
  #sent(frame: number): void {
    this.#pending[frame]! -= 1;
    if (this.#pending[frame] === 0) this.#onSent(frame);
  }
}
