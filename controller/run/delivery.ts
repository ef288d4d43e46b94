/**
 * Counts what came out against what went in. It watches the output itself and knows nothing of how the output is made, so that a mistake
 * in the machinery that promises "each frame exactly once, in order" shows up here.
 */
import type { FrameId } from '../../mesh/frame.ts';
import { NumberSet } from './number-set.ts';

export interface DeliveryCount {
  readonly sent: number;
  /** Distinct frames that came out. */
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
}

export class Delivery {
  readonly #first: FrameId;
  readonly #seen = new NumberSet();
  #last: FrameId;
  #duplicated = 0;
  #outOfOrder = 0;

  /** `first`: all frames below came out before anybody looked here, and count as received. */
  constructor(first: FrameId = 0n) {
    this.#first = first;
    this.#last = first - 1n;
  }

  /** A frame came out. */
  out(id: FrameId): void {
    if (id < this.#first || !this.#seen.add(Number(id))) this.#duplicated += 1;
    else if (id < this.#last) this.#outOfOrder += 1;
    if (id > this.#last) this.#last = id;
  }

  count(sent: number): DeliveryCount {
    const received = Number(this.#first) + this.#seen.size;
    return { sent, received, lost: Math.max(0, sent - received), duplicated: this.#duplicated, outOfOrder: this.#outOfOrder };
  }
}
