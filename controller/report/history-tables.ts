/**
 * Histories as tables for other programs. Nothing is left out: what is odd has a column that says so, tasks without a value have a row with their outcome.
 *
 *     points    a row for each run of each series, and for each task that added nothing
 *     repeats   a row for each repeat of them
 *     changes   where levels changed
 *     alarms    what was noticed
 */
import type { ExportTable } from '../export/table.ts';
import { type TableColumn, tableOf, within } from './export-columns.ts';
import type { AlarmReport } from './history-alarms.ts';
import type { HistoryReport, LevelChange, PointOfHistory, RepeatOfHistory, SeriesReport, TaskWithout } from './history-report.ts';

interface OfSeries {
  readonly series: SeriesReport;
}

interface OfPoint extends OfSeries {
  readonly point: PointOfHistory;
  readonly index: number;
}

type Row = { readonly of: OfPoint; readonly without?: undefined } | { readonly of?: undefined; readonly without: TaskWithout };

const seriesColumns: readonly TableColumn<OfSeries>[] = [
  { name: 'metric', type: 'text', of: ({ series }) => series.metric },
  { name: 'device', type: 'text', of: ({ series }) => series.device },
  { name: 'runtime', type: 'text', of: ({ series }) => series.runtime },
  { name: 'limits', type: 'text', of: ({ series }) => series.limits },
];

const unitColumns: readonly TableColumn<OfSeries>[] = [
  { name: 'unit', type: 'text', of: ({ series }) => series.unit },
  { name: 'better', type: 'text', of: ({ series }) => series.better },
];

const changeAt = ({ series, index }: OfPoint): LevelChange | undefined => series.changes.find((change) => change.index === index);

const valueColumns: readonly TableColumn<OfPoint>[] = [
  { name: 'number', type: 'integer', of: ({ index }) => index + 1 },
  { name: 'value', type: 'number', of: ({ point }) => point.value },
  ...unitColumns,
  { name: 'repeats', type: 'integer', of: ({ point }) => point.repeats.length },
  { name: 'values', type: 'text', of: ({ point }) => point.repeats.map(({ value }) => value).join(' ') },
  { name: 'usual', type: 'number', of: ({ point }) => point.usual },
  { name: 'change', type: 'number', unit: '1', of: ({ point }) => point.change },
  { name: 'level', type: 'number', of: ({ point }) => point.level },
  { name: 'outlier', type: 'flag', of: ({ point }) => point.outlier },
  { name: 'outlier_repeats', type: 'integer', of: ({ point }) => point.repeats.filter(({ outlier }) => outlier).length },
  { name: 'change_point', type: 'flag', of: (row) => changeAt(row) !== undefined },
  { name: 'ratio', type: 'number', of: (row) => changeAt(row)?.ratio },
  { name: 'p', type: 'number', of: (row) => changeAt(row)?.p },
  {
    name: 'alarms',
    type: 'text',
    of: ({ series, index }) =>
      series.alarms
        .filter((alarm) => alarm.index === index)
        .map(({ state }) => state)
        .join(' '),
  },
];

const pointColumns: readonly TableColumn<Row>[] = [
  { name: 'benchmark', type: 'text', of: ({ of, without }) => of?.series.benchmark ?? without?.benchmark },
  ...within(seriesColumns, ({ of }: Row) => of),
  { name: 'task', type: 'text', of: ({ of, without }) => of?.point.task ?? without?.task },
  { name: 'at', type: 'time', of: ({ of, without }) => of?.point.atMs ?? without?.atMs },
  { name: 'status', type: 'text', of: ({ without }) => without?.status ?? 'done' },
  { name: 'error', type: 'text', of: ({ without }) => without?.error },
  ...within(valueColumns, ({ of }: Row) => of),
];

const benchmarkColumn: TableColumn<OfSeries> = { name: 'benchmark', type: 'text', of: ({ series }) => series.benchmark };

const repeatColumns: readonly TableColumn<OfPoint & { readonly repeat: RepeatOfHistory; readonly place: number }>[] = [
  benchmarkColumn,
  ...seriesColumns,
  { name: 'task', type: 'text', of: ({ point }) => point.task },
  { name: 'at', type: 'time', of: ({ point }) => point.atMs },
  { name: 'number', type: 'integer', of: ({ index }) => index + 1 },
  { name: 'repeat', type: 'integer', of: ({ place }) => place + 1 },
  { name: 'value', type: 'number', of: ({ repeat }) => repeat.value },
  ...unitColumns,
  { name: 'outlier', type: 'flag', of: ({ repeat }) => repeat.outlier },
];

const changeColumns: readonly TableColumn<OfSeries & { readonly change: LevelChange }>[] = [
  benchmarkColumn,
  ...seriesColumns,
  { name: 'task', type: 'text', of: ({ change }) => change.task },
  { name: 'number', type: 'integer', of: ({ change }) => change.index + 1 },
  { name: 'before', type: 'number', of: ({ change }) => change.before },
  { name: 'after', type: 'number', of: ({ change }) => change.after },
  ...unitColumns,
  { name: 'ratio', type: 'number', of: ({ change }) => change.ratio },
  { name: 'p', type: 'number', of: ({ change }) => change.p },
  { name: 'worse', type: 'flag', of: ({ change }) => change.worse },
];

const alarmColumns: readonly TableColumn<OfSeries & { readonly alarm: AlarmReport }>[] = [
  benchmarkColumn,
  ...seriesColumns,
  { name: 'alarm', type: 'text', of: ({ alarm }) => alarm.alarm },
  { name: 'state', type: 'text', of: ({ alarm }) => alarm.state },
  { name: 'kind', type: 'text', of: ({ alarm }) => alarm.kind },
  { name: 'task', type: 'text', of: ({ alarm }) => alarm.task },
  { name: 'changed', type: 'time', of: ({ alarm }) => alarm.changedMs },
  { name: 'text', type: 'text', of: ({ alarm }) => alarm.text },
];

export function historyTables({ series: all, without }: HistoryReport): [ExportTable, ...ExportTable[]] {
  const points = all.flatMap((series) => series.points.map((point, index): OfPoint => ({ series, point, index })));
  const rows: readonly Row[] = [...points.map((of) => ({ of })), ...without.map((task) => ({ without: task }))];
  const repeats = points.flatMap((of) => of.point.repeats.map((repeat, place) => ({ ...of, repeat, place })));
  return [
    tableOf('points', rows, pointColumns),
    tableOf('repeats', repeats, repeatColumns),
    tableOf(
      'changes',
      all.flatMap((series) => series.changes.map((change) => ({ series, change }))),
      changeColumns,
    ),
    tableOf(
      'alarms',
      all.flatMap((series) => series.alarms.map((alarm) => ({ series, alarm }))),
      alarmColumns,
    ),
  ];
}
