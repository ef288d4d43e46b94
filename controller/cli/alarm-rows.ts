/** Alarms and their rows in the store. */
import type { Alarm } from '../history/alarms.ts';
import type { AlarmRow } from '../store/task-records.ts';
import type { AlarmRecord } from '../task/alarm-record.ts';

export function alarmOfRow({ series, changedMs, facts }: AlarmRow): AlarmRecord {
  const { alarm, unit, confirmation, note } = JSON.parse(facts, alive) as Omit<AlarmRecord, 'series' | 'changedMs'>;
  return { alarm, series, unit, changedMs, confirmation, note };
}

export function rowOfAlarm({ series, changedMs, ...facts }: AlarmRecord): AlarmRow {
  const { id, state } = facts.alarm;
  return { alarm: id, series, state, changedMs, facts: JSON.stringify(facts, kept) };
}

export function withState(record: AlarmRecord, state: Alarm['state']): AlarmRecord {
  return { ...record, alarm: { ...record.alarm, state } };
}

/** From nothing to something is an infinite change, and JSON knows none. */
function kept(key: string, value: unknown): unknown {
  return key === 'size' && typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}

function alive(key: string, value: unknown): unknown {
  return key === 'size' && typeof value === 'string' ? Number(value) : value;
}
