/**
 * Where frames end: joined, committed in order, acknowledged. A frame's latency ends when all of it has arrived; where
 * routes take turns, also what is before it.
 */
import type { Delay } from './delay.ts';
import type { EventQueue } from './event-queue.ts';
import { Join } from './join.ts';
import type { Lane } from './lane.ts';

export class Sink {
  /** NaN: it has not arrived. */
  readonly arrivalMs: Float64Array;
  readonly #queue: EventQueue;
  readonly #join: Join;
  readonly #acknowledge: Delay;
  readonly #ackMs: number;
  #arrived = 0;
  #committed = 0;

  constructor(queue: EventQueue, lanes: readonly Lane[], frames: number, acknowledge: Delay, ackMs: number) {
    this.#queue = queue;
    this.#join = new Join(lanes, frames, (frame) => this.#take(frame));
    for (const lane of lanes) lane.tellArrived((frame) => this.#join.add(frame));
    this.#acknowledge = acknowledge;
    this.#ackMs = ackMs;
    this.arrivalMs = new Float64Array(frames).fill(Number.NaN);
  }

  get arrivedFrames(): number {
    return this.#arrived;
  }

  #take(frame: number): void {
    this.arrivalMs[frame] = this.#queue.nowMs;
    this.#arrived += 1;
    const before = this.#committed;
    while (this.#committed < this.arrivalMs.length && !Number.isNaN(this.arrivalMs[this.#committed]!)) {
      this.#join.consumed(this.#committed);
      this.#committed += 1;
    }
    if (this.#committed > before) this.#acknowledge.send(this.#committed, this.#ackMs);
  }
}
