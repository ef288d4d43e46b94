/** What the repeats of a task add to histories: of each metric the median of those that have it. */
import { medianOf } from '../statistics/band.ts';
import type { MeasuredMetric } from './metrics-of.ts';
import { type SeriesKey, seriesKeyOf } from './series.ts';
import type { Point, Task } from './task.ts';

export interface RepeatFigures {
  readonly metrics: readonly MeasuredMetric[];
  readonly device: string;
  readonly runtime: string;
  readonly limits: string;
}

/** Repeats that were not on the same devices, with the same runtime, under the same limits are histories of their own. */
export function pointsOf({ task, benchmark }: Pick<Task, 'task' | 'benchmark'>, repeats: readonly RepeatFigures[], atMs: number): Point[] {
  const rows = repeats.flatMap(({ metrics, device, runtime, limits }) =>
    metrics.map((metric) => ({ metric, series: { benchmark, metric: metric.name, device, runtime, limits } satisfies SeriesKey })),
  );
  const groups = Map.groupBy(rows, ({ series }) => seriesKeyOf(series));
  return [...groups.values()].map((same) => {
    const [{ metric, series }] = same as [(typeof same)[number]];
    const values = same.map((row) => row.metric.value);
    return { series, task, atMs, value: medianOf(values), values, unit: metric.unit, better: metric.better };
  });
}
