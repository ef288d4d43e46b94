/** Names of runs: when they began, and something that no other run has. */
import { randomBytes } from 'node:crypto';

/** Sorts by time, and two of the same second differ: `20261121-053127-4f1a`. */
export function runName(wallClockMs: number): string {
  const [date, time] = new Date(wallClockMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(2).toString('hex')}`;
}
