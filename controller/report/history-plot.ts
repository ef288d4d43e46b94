/**
 * The plot of a series, as numbers in short arrays, because a page carries those of all metrics:
 *
 *     │        △           alarm, at its run          x: number of the run in its series, from 1; below some its date
 *     │ ·  ◇   ┌─·──·─     level after                y: value; small the repeats, the line their median
 *     │─·──·───┘ ·  ·      level before               ✕ at the bottom: a task of the benchmark that has no value, between the runs of its time
 *     └──────✕─┆────────   ┆ change point
 */
import { threeDigits } from '../text/format.ts';
import type { AlarmReport } from './history-alarms.ts';
import type { HistoryReport, SeriesReport } from './history-report.ts';
import { pText, seriesUnit } from './history-words.ts';

export interface HistoryPlot {
  readonly id: string;
  readonly yTitle: string;
  readonly unit: string;
  /** Milliseconds since 1970, of each run. */
  readonly atMs: readonly number[];
  readonly tasks: readonly string[];
  readonly medians: readonly number[];
  /** Of each run, null: it has no runs before it. Per cent. */
  readonly changes: readonly (number | null)[];
  readonly repeats: readonly Dot[];
  readonly outliers: readonly Dot[];
  readonly levels: readonly Level[];
  readonly steps: readonly { readonly x: number; readonly words: string }[];
  readonly alarms: readonly { readonly x: number; readonly y: number; readonly state: AlarmReport['state']; readonly text: string }[];
  readonly without: readonly { readonly x: number; readonly text: string }[];
  readonly min: number;
  readonly max: number;
}

type Dot = readonly [x: number, y: number];
type Level = readonly [from: number, to: number, y: number];

/** Of the level: what is steadier than that is not drawn as a mountain range. */
const HALF_LEAST = 0.04;
/** Of what is shown, above and below it: words of change points, and the marks of tasks without a value, lie there. */
const ROOM = 0.14;

export function historyPlot(series: SeriesReport, { without }: Pick<HistoryReport, 'without'>, id: string): HistoryPlot {
  const { points, changes, alarms, metric, benchmark } = series;
  const { unit, scale } = seriesUnit(series);
  const size = (value: number): number => Number((value / scale).toPrecision(6));
  const dots = points.flatMap(({ repeats }, index) =>
    repeats.map((repeat) => ({ ...repeat, dot: [index + 1, size(repeat.value)] as const })),
  );
  const ends = [...changes.map(({ index }) => index), points.length];
  const own = without.filter((task) => task.benchmark === benchmark);
  return {
    ...{ id, unit, yTitle: unit === '' ? metric : `${metric} (${unit})` },
    atMs: points.map(({ atMs }) => atMs),
    tasks: points.map(({ task }) => task),
    medians: points.map(({ value }) => size(value)),
    changes: points.map(({ change }) => (change === null ? null : Number((change * 100).toPrecision(3)))),
    repeats: dots.map(({ dot }) => dot),
    outliers: [
      ...points.flatMap(({ outlier, value }, index): Dot[] => (outlier ? [[index + 1, size(value)]] : [])),
      ...dots.flatMap(({ outlier, dot }) => (outlier ? [dot] : [])),
    ],
    levels: ends.map((end, at): Level => {
      const start = at === 0 ? 0 : ends[at - 1]!;
      return [start + 0.5, end + 0.5, size(points[start]!.level)];
    }),
    steps: changes.map(({ index, ratio, p }) => ({
      x: index + 0.5,
      words: `${ratio === null ? 'from 0' : `× ${threeDigits(ratio)}`}, ${pText(p)}`,
    })),
    alarms: alarms.flatMap(({ index, state, text }) =>
      index === null ? [] : [{ x: index + 1, y: size(points[index]!.value), state, text }],
    ),
    without: own.map(({ task, atMs, status, error }) => ({
      x: points.filter((point) => point.atMs <= atMs).length + 0.5,
      text: `${task} ${status}${error === null ? '' : `: ${error}`}`,
    })),
    ...rangeOf(dots.map(({ dot: [, y] }) => y).filter(Number.isFinite)),
  };
}

function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as readonly [number, number]);
  if (least > most) return { min: 0, max: 1 };
  const middle = (least + most) / 2;
  const half = Math.max((most - least) / 2, HALF_LEAST * Math.abs(middle), middle === 0 ? 0.5 : 0);
  const reach = half * (1 + 2 * ROOM);
  // What can't be below 0 has no axis below 0.
  return { min: least >= 0 ? Math.max(0, middle - reach) : middle - reach, max: middle + reach };
}
