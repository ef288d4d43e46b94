/**
 * One after the other, frames go on all their routes: the next begins when every route of the one before has taken it, as a producer's Outbox
 * does it.
 *
 *     send(4) send(5) ──▶ [ 4 5 ] ──▶ 4 on route A and on route B ──▶ onSent(4) ──▶ 5 …
 */
import type { Lane } from './lane.ts';
import { NumberRing } from './ring.ts';

export class Sender {
  readonly #lanes: readonly Lane[];
  readonly #onSent: (frame: number) => void;
  readonly #waiting = new NumberRing();
  #frame: number | undefined;
  /** Routes that have not yet taken it. */
  #pending = 0;

  constructor(lanes: readonly Lane[], onSent: (frame: number) => void) {
    this.#lanes = lanes;
    this.#onSent = onSent;
  }

  send(frame: number): void {
    this.#waiting.push(frame);
    this.#next();
  }

  /** A route has taken the frame. */
  sent(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    const frame = this.#frame!;
    this.#frame = undefined;
    this.#onSent(frame);
    this.#next();
  }

  #next(): void {
    while (this.#frame === undefined && this.#waiting.length > 0) {
      const frame = this.#waiting.shift();
      let carried = 0;
      for (const lane of this.#lanes) if (lane.carries(frame)) carried += 1;
      if (carried === 0) {
        this.#onSent(frame);
        continue;
      }
      this.#frame = frame;
      this.#pending = carried;
      // Every route takes it later, when the thread has handed it over: the list does not change meanwhile.
      for (const lane of this.#lanes) if (lane.carries(frame)) lane.offer(frame);
    }
  }
}
