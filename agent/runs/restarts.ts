/**
 * When a run's process that died is started again: at once, then later and later, and no more when it never lives for long. Pure.
 *
 *     died ── 0.5 s ──▶ died ── 1 s ──▶ … ── 30 s ──▶ died the tenth time in a row: given up
 *     lived for a minute: forgotten
 */
const FIRST_MS = 500;
const MOST_MS = 30_000;
const LIVED_MS = 60_000;
export const DEATHS_MAX = 10;

/** How often it died in a row, this death included. `aliveMs`: how long it lived. */
export function deathsAfter(deaths: number, aliveMs: number): number {
  return aliveMs >= LIVED_MS ? 1 : deaths + 1;
}

/** Milliseconds from a death to the next start. `deaths` in a row, at least 1. */
export function restartDelayMs(deaths: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** (deaths - 1));
}
