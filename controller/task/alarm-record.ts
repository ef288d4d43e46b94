/** An alarm as it is kept: what was noticed, of which series, and what a confirmation said. */
import type { Alarm } from '../history/alarms.ts';
import type { Confirmation } from '../history/confirmation.ts';
import { changeText } from '../text/change.ts';
import { threeDigits } from '../text/format.ts';
import type { SeriesKey } from './series.ts';
import { seriesText } from './series.ts';

export interface AlarmRecord {
  readonly alarm: Alarm;
  readonly series: SeriesKey;
  readonly unit: string;
  readonly changedMs: number;
  /** Of a change point, once it was measured again. */
  readonly confirmation: AlarmConfirmation | undefined;
  /** What a person wrote about it. */
  readonly note: string | undefined;
}

export interface AlarmConfirmation {
  readonly outcome: Confirmation;
  /** For a person. */
  readonly reason: string;
  readonly attempts: number;
  /** All values of all attempts: one that could not tell is no loss to the next. */
  readonly oldAgain: readonly number[];
  readonly newAgain: readonly number[];
}

/** A raised one that nobody has taken note of. */
export function isOpen({ alarm }: Pick<AlarmRecord, 'alarm'>): boolean {
  return alarm.state === 'open';
}

/** For a person. */
export function alarmText({ alarm, series, unit, confirmation }: AlarmRecord): string {
  const { before, after } = alarm;
  // Of 0, and of what is below it, a percentage says nothing.
  const hasRatio = Number.isFinite(alarm.size) && before > 0 && after >= 0;
  const size = hasRatio ? changeText(alarm.size) : `${[before, after].map(threeDigits).join(' → ')} ${unit}`.trimEnd();
  const p = alarm.p === undefined ? '' : `, p ${alarm.p.toPrecision(2)}`;
  const what = alarm.kind === 'change-point' ? `changed by ${size}` : `${alarm.kind.replace('-', ' ')}: ${size}`;
  const why = confirmation === undefined ? '' : `. ${confirmation.reason}`;
  return `${seriesText(series)} ${what} since task ${alarm.firstBad}${p}${why}`;
}
