/**
 * What became of a benchmark from run to run, as programs read it: `controller report --history NAME --json`, docs/schema/history.schema.json. Text, tables and page
 * are made of the same.
 *
 *     points of one series  · · ·  ◇  · · │ · · · ·        levels: the medians between change points        ◇: far from its level
 *                                  level 1│level 2
 *
 * Figures are compared only within a series: same benchmark, metric, device, runtime and limits. Tasks that added nothing are in a list of their own.
 */
import { findChangePoints, LENGTH_MIN } from '../history/change-points.ts';
import type { Better } from '../history/compare.ts';
import { OVER } from '../history/rules.ts';
import { medianOf } from '../statistics/band.ts';
import { outliersOf } from '../statistics/outliers.ts';
import type { AlarmRow } from '../store/task-records.ts';
import { type SeriesKey, seriesKeyOf } from '../task/series.ts';
import type { Point, Task } from '../task/task.ts';
import { type AlarmReport, alarmReport } from './history-alarms.ts';

/** Of fewer runs nobody can say whether their level changed. */
export const CHANGES_FROM = 2 * LENGTH_MIN;

export interface History {
  /** As it was asked for. */
  readonly name: string;
  readonly metric: string | undefined;
  readonly device: string | undefined;
  readonly benchmarks: readonly string[];
  /** In the order of their time, of all metrics and devices; as are the rest. */
  readonly points: readonly Point[];
  readonly tasks: readonly Task[];
  readonly alarms: readonly AlarmRow[];
}

export interface HistoryReport {
  readonly name: string;
  /** null: all of them. */
  readonly metric: string | null;
  readonly device: string | null;
  readonly benchmarks: readonly string[];
  readonly series: readonly SeriesReport[];
  readonly without: readonly TaskWithout[];
}

export interface SeriesReport extends SeriesKey {
  readonly unit: string;
  readonly better: Better;
  readonly points: readonly PointOfHistory[];
  /** Where the level changed, in order. Those of too few runs are not looked for. */
  readonly changes: readonly LevelChange[];
  readonly alarms: readonly AlarmReport[];
}

export interface PointOfHistory {
  readonly task: string;
  readonly atMs: number;
  readonly value: number;
  readonly repeats: readonly RepeatOfHistory[];
  /** Median of the runs before it, of at most the last ten; null: it is the first. */
  readonly usual: number | null;
  /** (value − usual) ÷ |usual|; null: there is none. */
  readonly change: number | null;
  /** Of its level: the median from the change point before to the next. */
  readonly level: number;
  /** Far from the other runs of its level. */
  readonly outlier: boolean;
}

export interface RepeatOfHistory {
  readonly value: number;
  readonly outlier: boolean;
}

export interface LevelChange {
  /** Place in points: the first of the new level. */
  readonly index: number;
  readonly task: string;
  readonly before: number;
  readonly after: number;
  /** After ÷ before; null: from 0. */
  readonly ratio: number | null;
  readonly p: number;
  readonly worse: boolean;
}

/** One that added nothing to any of these histories. */
export interface TaskWithout {
  readonly task: string;
  readonly benchmark: string;
  readonly atMs: number;
  readonly status: Task['status'];
  readonly origin: Task['origin'];
  readonly error: string | null;
}

export function historyReportOf({ name, metric, device, benchmarks, points, tasks, alarms }: History): HistoryReport {
  const shown = points.filter(({ series }) => (metric ?? series.metric) === series.metric && (device ?? series.device) === series.device);
  const groups = Map.groupBy(shown, ({ series }) => seriesKeyOf(series));
  const keys = [...groups.keys()].toSorted();
  const added = new Set(points.map(({ task }) => task));
  return {
    ...{ name, metric: metric ?? null, device: device ?? null, benchmarks },
    series: keys.map((key) => {
      const own = alarms.filter(({ series }) => seriesKeyOf(series) === key);
      return seriesReport(groups.get(key)!, own);
    }),
    without: tasks
      .filter(({ task }) => !added.has(task))
      .map(withoutPoint)
      .toSorted((a, b) => a.atMs - b.atMs),
  };
}

function seriesReport(points: readonly Point[], alarms: readonly AlarmRow[]): SeriesReport {
  const { series, unit, better } = points.at(-1)!;
  const values = points.map(({ value }) => value);
  const changes = changesOf(points, values, better);
  const level = levelsOf(values, changes);
  const places = new Map(points.map(({ task }, index) => [task, index]));
  return {
    ...{ ...series, unit, better },
    points: points.map(({ task, atMs, value, values: repeats }, index) => {
      const usual = index === 0 ? null : medianOf(values.slice(Math.max(0, index - OVER), index));
      const marks = outliersOf(repeats);
      return {
        ...{ task, atMs, value, usual, ...level[index]! },
        change: usual === null || usual === 0 ? null : (value - usual) / Math.abs(usual),
        repeats: repeats.map((each, at) => ({ value: each, outlier: marks[at]! })),
      };
    }),
    changes,
    alarms: alarms.map((alarm) => alarmReport(alarm, places)),
  };
}

/** In all of it: alarms look at the newest runs only, a page shows what was before as well. */
function changesOf(points: readonly Point[], values: readonly number[], better: Better): LevelChange[] {
  if (!values.every(Number.isFinite)) return [];
  const found = findChangePoints(values, { window: values.length });
  return found.map(({ index, before, after, ratio, p }) => ({
    ...{ index, task: points[index]!.task, before, after, ratio: Number.isFinite(ratio) ? ratio : null, p },
    worse: after > before === (better === 'lower'),
  }));
}

/** Of each value its level, and whether it lies far from it. */
function levelsOf(values: readonly number[], changes: readonly LevelChange[]): { readonly level: number; readonly outlier: boolean }[] {
  const starts = [0, ...changes.map(({ index }) => index)];
  return starts.flatMap((start, at) => {
    const part = values.slice(start, starts[at + 1]);
    const level = medianOf(part);
    return outliersOf(part).map((outlier) => ({ level, outlier }));
  });
}

function withoutPoint({ task, benchmark, startedMs, dueMs, status, origin, error }: Task): TaskWithout {
  return { task, benchmark, atMs: startedMs ?? dueMs, status, origin, error: error ?? null };
}
