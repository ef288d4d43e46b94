/** Reading and writing points of histories, and alarms. Synchronous; the worker thread calls it. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { type SeriesKey, seriesColumns } from '../task/series.ts';
import type { Point } from '../task/task.ts';
import type { AlarmRow, PointFilter } from './task-records.ts';
import { inTransaction } from './transaction.ts';

const pointColumns = [...seriesColumns, 'task', 'at_ms', 'value', 'vals', 'unit', 'better'];
const alarmColumns = ['alarm', ...seriesColumns, 'state', 'changed_ms', 'facts'];

/** In place of what the task said of the same series before. */
export function addPoints(database: DatabaseSync, points: readonly Point[]): undefined {
  inTransaction(database, () => {
    const insert = insertOf(database, 'point', pointColumns);
    for (const { series, task, atMs, value, values, unit, better } of points)
      insert.run(...seriesValues(series), task, atMs, value, JSON.stringify(values), unit, better);
  });
}

export function pointsOf(database: DatabaseSync, { benchmark, task }: PointFilter): Point[] {
  const terms: readonly (readonly [string, SQLInputValue | undefined])[] = [
    ['benchmark', benchmark],
    ['task', task],
  ];
  const given = terms.filter((term): term is [string, SQLInputValue] => term[1] !== undefined);
  const where = given.length === 0 ? '' : `WHERE ${given.map(([column]) => `${column} = ?`).join(' AND ')}`;
  // In the order in which they came, also when the clock was set back between two of them.
  const sql = `SELECT ${pointColumns.join(', ')} FROM point ${where} ORDER BY rowid`;
  return database
    .prepare(sql)
    .all(...given.map(([, value]) => value))
    .map((row) => ({
      series: seriesOf(row),
      task: row.task as string,
      atMs: row.at_ms as number,
      value: row.value as number,
      values: JSON.parse(row.vals as string) as number[],
      unit: row.unit as string,
      better: row.better as Point['better'],
    }));
}

export function putAlarms(database: DatabaseSync, alarms: readonly AlarmRow[]): undefined {
  inTransaction(database, () => {
    const insert = insertOf(database, 'alarm', alarmColumns);
    for (const { alarm, series, state, changedMs, facts } of alarms) insert.run(alarm, ...seriesValues(series), state, changedMs, facts);
  });
}

export function alarmsOf(database: DatabaseSync, benchmark: string | undefined): AlarmRow[] {
  const where = benchmark === undefined ? '' : 'WHERE benchmark = ?';
  const found = database
    .prepare(`SELECT ${alarmColumns.join(', ')} FROM alarm ${where} ORDER BY changed_ms DESC, alarm`)
    .all(...(benchmark === undefined ? [] : [benchmark]));
  return found.map((row) => ({
    alarm: row.alarm as string,
    series: seriesOf(row),
    state: row.state as string,
    changedMs: row.changed_ms as number,
    facts: row.facts as string,
  }));
}

function insertOf(database: DatabaseSync, table: string, columns: readonly string[]) {
  return database.prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
}

function seriesValues(series: SeriesKey): string[] {
  return seriesColumns.map((column) => series[column]);
}

function seriesOf(row: Record<string, SQLOutputValue>): SeriesKey {
  return Object.fromEntries(seriesColumns.map((column) => [column, row[column] as string])) as unknown as SeriesKey;
}
