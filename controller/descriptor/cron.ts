/**
 * When a benchmark runs by itself: a cron line (or a nickname for one) in a time zone, as moments.
 *
 *     "0 3 * * mon-fri", Europe/Berlin ──▶ next(after) ──▶ 1774836000000
 *
 * Days and hours are those of the zone's clocks, which are set forward and back. A time of day that is skipped (2:30 in March) happens when the clocks
 * go on (3:00), and one that comes twice (2:30 in October) happens the first time only; so what runs daily runs once a day. What runs every so many
 * minutes or hours (a * or a step in minute or hour) goes by what the clocks show: nothing in the hour that is skipped, twice in the hour that comes twice, which is
 * evenly in time. This is what Vixie's cron does, and the only place that knows croner.
 */
import { Cron } from 'croner';
import { MeshError } from '../../mesh/error.ts';
import { suggest } from '../../mesh/suggest.ts';
import { cronProblem } from './cron-fields.ts';

export interface Schedule {
  /** As it was written. */
  readonly text: string;
  readonly timezone: string;
  /** The first time after, milliseconds since 1970; undefined: never again. */
  next(afterMs: number): number | undefined;
}

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * sun',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};

/** Any moment will do to see whether a day exists in some year: leap years come within eight of it. */
const SOME_DAY_MS = 0;

/** Error `usage` for what is no schedule, never happens, or no time zone. */
export function parseSchedule(text: string, timezone: string): Schedule {
  const pattern = patternOf(text);
  checkTimezone(timezone);
  const cron = new Cron(pattern, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  const next = (afterMs: number): number | undefined => cron.nextRun(new Date(afterMs))?.getTime();
  if (next(SOME_DAY_MS) === undefined) throw new MeshError('usage', `"${text.slice(0, 80)}" never happens: no year has such a day`);
  return { text, timezone, next };
}

/** Error `usage`. Names of the IANA's data base, such as Europe/Berlin; no offsets, which know no summer. */
export function checkTimezone(timezone: string): void {
  if (/^[A-Za-z]/.test(timezone) && isKnown(timezone)) return;
  const meant = suggest(timezone, [...Intl.supportedValuesOf('timeZone'), 'UTC']);
  throw new MeshError(
    'usage',
    `"${timezone.slice(0, 80)}" is no time zone: expected for example Europe/Berlin or UTC${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}

function patternOf(text: string): string {
  const lower = text.trim().toLowerCase();
  if (lower.startsWith('@')) {
    const pattern = Object.hasOwn(nicknames, lower) ? nicknames[lower] : undefined;
    if (pattern === undefined) throw new MeshError('usage', `"${text.slice(0, 80)}" is none of ${Object.keys(nicknames).join(', ')}`);
    return pattern;
  }
  const words = lower.split(/[ \t]+/);
  const problem = cronProblem(words);
  if (problem !== undefined) throw new MeshError('usage', `"${text.slice(0, 80)}" is no cron line: ${problem}`);
  return words.join(' ');
}

function isKnown(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}
