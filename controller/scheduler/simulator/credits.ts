/**
 * Credit on its way back to a producer. Nobody has to be told when it arrives unless somebody waits for it, so a timer is set only then.
 */
import type { EventQueue, Timed } from './event-queue.ts';
import { NumberRing } from './ring.ts';

export class Credits implements Timed {
  readonly #queue: EventQueue;
  readonly #timer: number;
  readonly #came: () => void;
  /** When each that is under way arrives. */
  readonly #dueMs = new NumberRing();
  #lastMs = 0;
  #arrived = 0;
  #held = false;
  #awaited = false;

  /** `came`: called when credit has arrived that was waited for. */
  constructor(queue: EventQueue, came: () => void) {
    this.#queue = queue;
    this.#timer = queue.timer(this);
    this.#came = came;
  }

  /** The consumer is done with a frame. */
  give(latencyMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, this.#queue.nowMs + latencyMs);
    this.#dueMs.push(this.#lastMs);
    if (this.#awaited) this.awaitNext();
  }

  /** Frames that the producer knows to be consumed, by now. */
  arrived(): number {
    while (!this.#held && this.#dueMs.length > 0 && this.#dueMs.first <= this.#queue.nowMs) {
      this.#dueMs.shift();
      this.#arrived += 1;
    }
    return this.#arrived;
  }

  /** Somebody waits. */
  awaitNext(): void {
    this.#awaited = true;
    if (!this.#held && this.#dueMs.length > 0) this.#queue.at(this.#timer, this.#dueMs.first);
  }

  /** Nothing arrives until it is let go again; then all that is late comes at once. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#queue.clear(this.#timer);
    else if (this.#awaited) this.awaitNext();
  }

  due(): void {
    this.#awaited = false;
    this.#came();
  }
}
