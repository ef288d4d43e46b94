/** Alarms of a history as they are shown: where, of what kind, in which state; each state has a shape and a sign of its own. */
import type { Alarm, AlarmState } from '../history/alarms.ts';
import type { AlarmRow } from '../store/task-records.ts';
import { threeDigits } from '../text/format.ts';
import type { AlarmReport } from './history-report.ts';

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
  const { kind, firstBad, size, p, fixedBy } = factsOf(facts);
  const known = Object.hasOwn(alarmMarks, state) ? (state as AlarmState) : 'unknown';
  const words = [
    kind === undefined ? 'alarm' : kind.replaceAll('-', ' '),
    ...(typeof size === 'number' && Number.isFinite(size) ? [`× ${threeDigits(size)}`] : []),
    ...(typeof p === 'number' ? [`p ${p.toExponential(0)}`] : []),
    ...(firstBad === undefined ? [] : [`since ${firstBad}`]),
    ...(fixedBy === undefined ? [] : [`fixed by ${fixedBy}`]),
  ];
  return {
    ...{ alarm, index: (firstBad === undefined ? undefined : places.get(firstBad)) ?? null, task: firstBad ?? null },
    ...{ kind: kind ?? null, state: known, changedMs, text: `${state}: ${words.join(', ')}` },
  };
}

/** Another release may have written them. */
function factsOf(facts: string): Partial<Alarm> {
  let found: unknown;
  try {
    found = JSON.parse(facts);
  } catch {
    return {};
  }
  if (typeof found !== 'object' || found === null) return {};
  const { kind, firstBad, size, p, fixedBy } = found as Partial<Record<keyof Alarm, unknown>>;
  const text = (value: unknown): value is string => typeof value === 'string';
  return {
    ...(text(kind) ? { kind: kind as Alarm['kind'] } : {}),
    ...(text(firstBad) ? { firstBad } : {}),
    ...(text(fixedBy) ? { fixedBy } : {}),
    ...(typeof size === 'number' ? { size } : {}),
    ...(typeof p === 'number' ? { p } : {}),
  };
}
