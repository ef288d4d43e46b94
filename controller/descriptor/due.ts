/**
 * Which times of a schedule lie in (from, to]: one when all is well, many when nobody was there.
 *
 *     from ──────●────●────●────●────●────●──── to          max 2 ──▶ due: the last two, more: 4
 *
 * Whoever was away for a month wants to know of the latest and how many others there were. A schedule only knows what comes next, so the latest are looked for in
 * windows that end at `to` and become longer: the work follows `max`, not the length of the absence.
 */
import type { Schedule } from './cron.ts';

export interface Due {
  /** In order; at most `max`, the latest. */
  readonly due: readonly number[];
  /** Those before. Counted up to {@link MORE_MAX}: that many stands for at least that many. */
  readonly more: number;
}

export const MORE_MAX = 10_000;

const FIRST_WINDOW_MS = 3_600_000;

/** Milliseconds since 1970. */
export function dueBetween(schedule: Pick<Schedule, 'next'>, fromMs: number, toMs: number, max: number): Due {
  let windowMs = FIRST_WINDOW_MS;
  for (;;) {
    const begin = Math.max(fromMs, toMs - windowMs);
    const due = timesIn(schedule, begin, toMs, Number.POSITIVE_INFINITY);
    const latest = max === 0 ? [] : due.slice(-max);
    const earlier = due.length - latest.length;
    if (begin <= fromMs) return { due: latest, more: Math.min(MORE_MAX, earlier) };
    if (due.length >= max) return { due: latest, more: Math.min(MORE_MAX, earlier + timesIn(schedule, fromMs, begin, MORE_MAX).length) };
    windowMs *= 2;
  }
}

function timesIn(schedule: Pick<Schedule, 'next'>, fromMs: number, toMs: number, max: number): number[] {
  const times: number[] = [];
  let time = schedule.next(fromMs);
  while (time !== undefined && time <= toMs && times.length < max) {
    times.push(time);
    time = schedule.next(time);
  }
  return times;
}
