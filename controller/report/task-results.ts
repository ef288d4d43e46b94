/** What tasks measured, for a person and for programs: each metric beside what its history says. */
import { medianOf } from '../statistics/band.ts';
import { type SeriesKey, seriesKeyOf } from '../task/series.ts';
import type { Point, Task } from '../task/task.ts';
import { changeText } from '../text/change.ts';
import { threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';

export interface TaskResult extends Omit<Task, 'startedMs' | 'endedMs' | 'error'> {
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly error: string | null;
  readonly metrics: readonly MetricResult[];
}

export interface MetricResult extends Omit<SeriesKey, 'benchmark'> {
  readonly value: number;
  /** Of each repeat. */
  readonly values: readonly number[];
  readonly unit: string;
  readonly better: Point['better'];
  /** Median of the same series before; null: there was none. */
  readonly before: number | null;
  readonly beforeCount: number;
}

/** So many of the runs before it say what is usual. */
const BEFORE = 10;

/** `own`: what the task added. `history`: points of its benchmark, its own as well, in the order in which they came. */
export function taskResult(task: Task, own: readonly Point[], history: readonly Point[]): TaskResult {
  const { startedMs, endedMs, error, ...rest } = task;
  return {
    ...rest,
    ...{ startedMs: startedMs ?? null, endedMs: endedMs ?? null, error: error ?? null },
    metrics: own.map(({ series: { benchmark: _, ...series }, value, values, unit, better }) => {
      const key = seriesKeyOf({ ...series, benchmark: task.benchmark });
      const same = history.filter((each) => seriesKeyOf(each.series) === key);
      const before = same
        .slice(
          0,
          Math.max(
            0,
            same.findIndex((each) => each.task === task.task),
          ),
        )
        .slice(-BEFORE);
      return {
        ...series,
        ...{ value, values, unit, better, beforeCount: before.length },
        before: before.length === 0 ? null : medianOf(before.map((each) => each.value)),
      };
    }),
  };
}

const columns: readonly Column[] = [
  { title: 'METRIC' },
  { title: 'MEDIAN', align: 'right' },
  { title: 'UNIT' },
  { title: 'LEAST … MOST', align: 'right' },
  { title: 'RUNS', align: 'right' },
  { title: 'BEFORE', align: 'right' },
  { title: 'CHANGE', align: 'right' },
];

export function resultsText(results: readonly TaskResult[], tableColumns: number): string {
  return results.map((result) => oneText(result, tableColumns)).join('\n');
}

function oneText(result: TaskResult, tableColumns: number): string {
  const { task, benchmark, status, error, metrics } = result;
  const [first] = metrics;
  const where = first === undefined ? '' : ` on ${first.device}${first.limits === '' ? '' : `, ${first.limits}`}`;
  const head = `${benchmark}  task ${task}: ${status}${where}${error === null ? '' : `: ${error}`}`;
  if (metrics.length === 0) return `${head}\n`;
  return `${head}\n\n${formatTable(columns, metrics.map(cells), tableColumns).join('\n')}\n`;
}

function cells({ metric, value, values, unit, before, beforeCount }: MetricResult): string[] {
  const range = values.length < 2 ? '' : `${shown(Math.min(...values), unit)} … ${shown(Math.max(...values), unit)}`;
  // Of a level below 0, too, more is +.
  const change = before === null || before === 0 ? '' : changeText(before > 0 ? value / before : 1 + (value - before) / -before);
  const usual = before === null ? '' : `${shown(before, unit)} (${beforeCount})`;
  return [metric, shown(value, unit), shownUnit(unit), range, `${values.length}`, usual, change];
}

/** Bytes are read in MiB. */
export function shown(value: number, unit: string): string {
  const shownValue = unit === 'B' ? value / 2 ** 20 : value;
  // A loss of 0.0115 is not 0.01.
  return Math.abs(shownValue) < 1 ? `${Number(shownValue.toPrecision(3))}` : threeDigits(shownValue);
}

export function shownUnit(unit: string): string {
  return unit === 'B' ? 'MiB' : unit;
}
