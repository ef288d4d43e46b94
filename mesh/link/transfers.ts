/**
 * Frames of a route that were sent and are not confirmed yet, oldest first: what is known of each becomes its transfer.
 *
 *     offered ──▶ encoded, chunk by chunk ──▶ sent ──▶ confirmed by the consumer, in the order they were sent
 */
import { NO_CODEC } from '../codec.ts';

/** One frame's way over one route, by the producer's clock. */
export interface Transfer {
  readonly to: string;
  readonly frame: bigint;
  readonly rawBytes: number;
  readonly wireBytes: number;
  /** First byte offered → the consumer's word that it has the frame, microseconds. */
  readonly transferUs: number;
  /** The end of it in which no earlier frame was on this route: since this one was offered, or the one before was confirmed. */
  readonly occupiedUs: number;
  readonly encodeUs: number;
  /** What was asked for; `int8+blosc2` when chunks fell back. */
  readonly codec: string;
}

export interface Unconfirmed {
  readonly frame: bigint;
  readonly startMs: number;
  readonly rawBytes: number;
  wireBytes: number;
  encodeMs: number;
  /** What was asked for. */
  readonly codec: string;
  /** By its chunks. */
  readonly used: Set<string>;
}

export class Transfers {
  readonly #to: string;
  readonly #unconfirmed: Unconfirmed[] = [];
  /** When the last one was. */
  #confirmedMs = 0;

  constructor(to: string) {
    this.#to = to;
  }

  get open(): number {
    return this.#unconfirmed.length;
  }

  begin(frame: bigint, rawBytes: number, codec: string, startMs: number): Unconfirmed {
    const begun = { frame, startMs, rawBytes, wireBytes: 0, encodeMs: 0, codec, used: new Set<string>() };
    this.#unconfirmed.push(begun);
    return begun;
  }

  /** The consumer has the oldest; there must be one. */
  confirm(nowMs: number): Transfer {
    const sent = this.#unconfirmed.shift()!;
    const transfer = {
      to: this.#to,
      frame: sent.frame,
      rawBytes: sent.rawBytes,
      wireBytes: sent.wireBytes,
      transferUs: (nowMs - sent.startMs) * 1000,
      occupiedUs: (nowMs - Math.max(sent.startMs, this.#confirmedMs)) * 1000,
      encodeUs: sent.encodeMs * 1000,
      codec: codecsOf(sent),
    };
    this.#confirmedMs = nowMs;
    return transfer;
  }
}

/** What was asked for, and what chunks fell back to; that some were not worth encoding is not said. */
function codecsOf({ codec, used }: Unconfirmed): string {
  return [codec, ...[...used].filter((name) => name !== NO_CODEC && name !== codec).sort()].join('+');
}
