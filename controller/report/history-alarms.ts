/** Alarms of a history as they are shown: where, of what kind, in which state; each state has a shape and a sign of its own. */
import type { Alarm, AlarmState } from '../history/alarms.ts';
import type { AlarmRow } from '../store/task-records.ts';
import { threeDigits } from '../text/format.ts';

export interface AlarmReport {
  readonly alarm: string;
  /** Place in points; null: its run is not among them. */
  readonly index: number | null;
  readonly task: string | null;
  readonly kind: string | null;
  readonly state: AlarmState | 'unknown';
  readonly changedMs: number;
  /** For a person. */
  readonly text: string;
}

export interface AlarmMark {
  /** A point style of Chart.js. */
  readonly point: string;
  readonly filled: boolean;
  readonly sign: string;
  readonly meaning: string;
}

export const alarmMarks: Readonly<Record<AlarmReport['state'], AlarmMark>> = {
  candidate: { point: 'triangle', filled: false, sign: '△', meaning: 'noticed, and not looked at yet' },
  open: { point: 'triangle', filled: true, sign: '▲', meaning: 'true until somebody says otherwise' },
  acknowledged: { point: 'rect', filled: true, sign: '■', meaning: 'somebody knows of it' },
  fixed: { point: 'rect', filled: false, sign: '□', meaning: 'a later run went back' },
  dismissed: { point: 'cross', filled: false, sign: '+', meaning: 'it was nothing' },
  unknown: { point: 'star', filled: false, sign: '✱', meaning: 'of a state that this release does not know' },
};

/** `places`: of each task. What an alarm does not say of itself is not known; it is shown all the same. */
export function alarmReport({ alarm, state, changedMs, facts }: AlarmRow, places: ReadonlyMap<string, number>): AlarmReport {
  const { alarm: noticed, reason, note } = factsOf(facts);
  const { kind, firstBad, size, p, fixedBy } = noticed;
  const known = Object.hasOwn(alarmMarks, state) ? (state as AlarmState) : 'unknown';
  const words = [
    kind === undefined ? 'alarm' : kind.replaceAll('-', ' '),
    ...(typeof size === 'number' && Number.isFinite(size) ? [`× ${threeDigits(size)}`] : []),
    ...(typeof p === 'number' ? [`p ${p.toExponential(0)}`] : []),
    ...(firstBad === undefined ? [] : [`since ${firstBad}`]),
    ...(fixedBy === undefined ? [] : [`fixed by ${fixedBy}`]),
  ];
  const more = [reason, note === undefined ? undefined : `Note: ${note}`].flatMap((text) =>
    text === undefined ? [] : `. ${text.replace(/\.$/, '')}`,
  );
  return {
    ...{ alarm, index: (firstBad === undefined ? undefined : places.get(firstBad)) ?? null, task: firstBad ?? null },
    ...{ kind: kind ?? null, state: known, changedMs, text: `${state}: ${words.join(', ')}${more.join('')}` },
  };
}

interface Facts {
  readonly alarm: Partial<Alarm>;
  /** What a confirmation said. */
  readonly reason: string | undefined;
  /** What a person wrote about it. */
  readonly note: string | undefined;
}

/** Those of an AlarmRecord; another release may have written them. */
function factsOf(facts: string): Facts {
  const { alarm, confirmation, note } = objectOf(parsed(facts));
  const { kind, firstBad, size, p, fixedBy } = objectOf(alarm);
  return {
    alarm: {
      ...(typeof kind === 'string' ? { kind: kind as Alarm['kind'] } : {}),
      ...(typeof firstBad === 'string' ? { firstBad } : {}),
      ...(typeof fixedBy === 'string' ? { fixedBy } : {}),
      ...(typeof size === 'number' ? { size } : {}),
      ...(typeof p === 'number' ? { p } : {}),
    },
    reason: textOf(objectOf(confirmation).reason),
    note: textOf(note),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Partial<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
