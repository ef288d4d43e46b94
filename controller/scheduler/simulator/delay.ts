/** What is under way and arrives after its time: as many at once as may be, in order, with one timer for the first of them. */
import type { EventQueue, Timed } from './event-queue.ts';
import { NumberRing } from './ring.ts';

export class Delay implements Timed {
  readonly #queue: EventQueue;
  readonly #timer: number;
  readonly #arrived: (value: number) => void;
  readonly #dueMs = new NumberRing();
  readonly #values = new NumberRing();
  #lastMs = 0;
  #held = false;

  constructor(queue: EventQueue, arrived: (value: number) => void) {
    this.#queue = queue;
    this.#timer = queue.timer(this);
    this.#arrived = arrived;
  }

  /** Never before what was sent earlier. */
  send(value: number, delayMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, this.#queue.nowMs + delayMs);
    this.#dueMs.push(this.#lastMs);
    this.#values.push(value);
    if (this.#dueMs.length === 1 && !this.#held) this.#queue.at(this.#timer, this.#lastMs);
  }

  /** Nothing arrives until it is let go again; then all that is late comes at once. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#queue.clear(this.#timer);
    else if (this.#dueMs.length > 0) this.#queue.at(this.#timer, this.#dueMs.first);
  }

  due(): void {
    this.#dueMs.shift();
    const value = this.#values.shift();
    if (this.#dueMs.length > 0) this.#queue.at(this.#timer, this.#dueMs.first);
    this.#arrived(value);
  }
}
