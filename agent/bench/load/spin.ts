/**
 * Uses up a part of a core's time, as a neighbour would: in short periods, and not in step with anything.
 *
 *     ████░░░░░██████░░░░░░░███░░░      busy for `duty` of each period of 10 to 20 ms, of changing length
 *
 * Time is wall time: who is kept from running by a quota does not make up for it afterwards.
 */
import type { Random } from '../../../mesh/random.ts';

const PERIOD_MS = 10;
const JITTER_MS = 10;

export interface SpinTools {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Blocks this thread. */
  readonly sleep: (ms: number) => void;
  readonly random: Random;
}

/** Never returns, unless `goesOn` says so. */
export function spin(duty: number, { now, sleep, random }: SpinTools, goesOn: () => boolean = () => true): void {
  while (goesOn()) {
    const startMs = now();
    const periodMs = PERIOD_MS + JITTER_MS * random.next();
    const busyUntil = startMs + duty * periodMs;
    while (now() < busyUntil) {
      // The time itself is what is wanted.
    }
    const restMs = startMs + periodMs - now();
    if (restMs > 0) sleep(restMs);
  }
}
