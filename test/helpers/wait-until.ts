/**
 * Waits for something that sends no event (a process that disappears, a file that grows), by looking again and again. A test never sleeps
 * for a fixed time: it waits for a condition, and fails with its name when that does not come.
 */
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;

/** The first value of `look` that is neither undefined nor false. */
export async function waitUntil<T>(what: string, look: () => T | Promise<T>, timeoutMs = 10_000): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}
