/**
 * Waits for a point in time, more exactly than timers do (a millisecond late as a rule) and without using the CPU, of which a limited process has little.
 *
 *     now ── timer ──▶ 2 ms before ── futex ──▶ the time (late by some 60 µs)
 */
import { setTimeout as sleep } from 'node:timers/promises';

const EXACT_MS = 2;

const word = new Int32Array(new SharedArrayBuffer(4));

/** `now`, `ms`: by the same clock, milliseconds. */
export async function waitUntil(ms: number, now: () => number): Promise<void> {
  const early = ms - now() - EXACT_MS;
  if (early >= 1) await sleep(early);
  // Nobody wakes it: it comes back when its time is over, or a little before.
  for (let left = ms - now(); left > 0; left = ms - now()) Atomics.wait(word, 0, 0, left);
}
