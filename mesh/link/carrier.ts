/**
 * What carries the streams of the in-memory link: it decides when something that one end does reaches the other, and whether the line breaks.
 *
 *     consumer ── open, progress, close ──▶ line ──▶ producer
 *              ◀── parts, end ───────────── line ◀──
 *
 * Usually everything arrives in the next turn of the event loop. A simulation delays, holds back and breaks, in virtual time.
 */
import type { MeshError } from '../error.ts';

/** One stream's way there and back. Each direction keeps its order, as TCP does. */
export interface Line {
  toProducer(deliver: () => void): void;
  /** `taken`: the line can take more; before or after `deliver`, or never when the line breaks. */
  toConsumer(deliver: () => void, taken: () => void): void;
}

/** What a line tells its ends when it breaks; each may learn of it at another time, or not at all. Later calls do nothing. */
export interface LineEnds {
  consumerLost(error: MeshError): void;
  producerLost(error: MeshError): void;
}

/** Opens a line from the place of the consumer to the producer's address. */
export type Carrier = (from: string, address: string, ends: LineEnds) => Line;

export const nextTurn: Carrier = () => ({
  toProducer: (deliver) => void setImmediate(deliver),
  toConsumer: (deliver, taken) =>
    void setImmediate(() => {
      deliver();
      taken();
    }),
});
