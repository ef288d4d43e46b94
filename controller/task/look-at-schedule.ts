/**
 * What a schedule asks for now: times that came since it was last looked at.
 *
 *     looked ──●────●────●──────●── now          long ago: missed, nobody was there          ● within a minute: to be run
 */
import type { Schedule } from '../descriptor/cron.ts';
import { dueBetween } from '../descriptor/due.ts';

export interface ScheduleLook {
  /** To be run, in order. */
  readonly run: readonly number[];
  /** Too late for that: the latest, in order. */
  readonly missed: readonly number[];
  /** Missed before those. */
  readonly moreMissed: number;
}

/** Who looks every second is never so late; who slept is. */
export const LATE_MS = 60_000;
/** One row each is enough to see it. */
const MISSED_KEPT = 10;

/** Milliseconds since 1970. A clock that was set back asks for nothing. */
export function lookAtSchedule(schedule: Pick<Schedule, 'next'>, consideredMs: number, nowMs: number): ScheduleLook {
  if (nowMs <= consideredMs) return { run: [], missed: [], moreMissed: 0 };
  const lateBefore = Math.max(consideredMs, nowMs - LATE_MS);
  const { due: run } = dueBetween(schedule, lateBefore, nowMs, Number.POSITIVE_INFINITY);
  const { due: missed, more } = dueBetween(schedule, consideredMs, lateBefore, MISSED_KEPT);
  return { run, missed, moreMissed: more };
}
