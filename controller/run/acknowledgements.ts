/**
 * How far the sink is, for whoever waits for it: in this process at once, over the bus again and again, which loses messages.
 *
 *     sink ── all below 57 are safe ──▶ waiters here
 *                                  └──▶ bus: { epoch, next: 57 }
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import { encodeAck } from '../../mesh/bus/messages.ts';
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import { Bell } from '../abortable.ts';

/** A lost message (the bus is at most once) is made good this often. */
const REPEAT_MS = 200;

export interface AcknowledgementsOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly subject: string;
  readonly clock: Clock;
  /** The present one; undefined before there is any. */
  readonly epoch: () => Epoch | undefined;
  /** All frames below are safe. */
  readonly next: () => FrameId;
}

export class Acknowledgements {
  readonly #options: AcknowledgementsOptions;
  readonly #bell = new Bell();
  readonly #timer: Timer;

  constructor(options: AcknowledgementsOptions) {
    this.#options = options;
    this.#timer = every(options.clock, REPEAT_MS, () => this.#publish());
  }

  /** There are more. */
  tell(): void {
    this.#bell.ring();
    this.#publish();
  }

  /** Resolves when all frames below are safe. */
  async reach(next: FrameId): Promise<undefined> {
    while (this.#options.next() < next) await this.#bell.wait();
  }

  close(): void {
    this.#timer.cancel();
  }

  #publish(): void {
    const { bus, subject, epoch, next } = this.#options;
    const present = epoch();
    if (present !== undefined) bus.publish(subject, encodeAck({ epoch: present, next: next() }));
  }
}
