/** Histories in the terminal: a line for each series, and below it what was found. */
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import type { HistoryReport, SeriesReport } from './history-report.ts';
import { commonText, historyTitle, seriesFindings, seriesTitle, seriesUnit, withoutText } from './history-words.ts';
import { momentText, shareChangeText, shownNumber } from './measured-text.ts';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;
/** The page has all of them. */
const WITHOUT_SHOWN = 5;

const head: readonly Column[] = [
  { title: 'SERIES', flexible: true },
  { title: 'RUNS', align: 'right' },
  { title: 'LAST', align: 'right' },
  { title: 'UNIT' },
  { title: 'CHANGE', align: 'right' },
  { title: 'LEVELS', align: 'right' },
  { title: 'ALARMS', align: 'right' },
  { title: 'WHEN' },
];

/** Lines joined by line breaks, with one at the end. */
export function historyText(report: HistoryReport, columns: number): string {
  const { series, without } = report;
  const width = Math.min(columns, WIDTH_MAX);
  const told = series.filter(({ changes, alarms }) => changes.length + alarms.length > 0);
  const common = commonText(report);
  const newest = without.slice(-WITHOUT_SHOWN);
  const lines = [
    historyTitle(report),
    ...(common === undefined || common === '' ? [] : [common]),
    '',
    ...(series.length === 0
      ? ['no run has added to it yet']
      : formatTable(
          head,
          series.map((each) => cells(report, each)),
          columns,
        )),
    ...told.flatMap((each) => ['', seriesTitle(report, each), ...seriesFindings(each).flatMap((text) => wrapped('', text, width))]),
    ...(without.length === 0 ? [] : ['', `${without.length} ${without.length === 1 ? 'task' : 'tasks'} without a value:`]),
    ...newest.flatMap((task) => wrapped('', withoutText(task), width)),
    ...(without.length > newest.length ? wrapped('', `… and ${without.length - newest.length} before these`, width) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function cells(report: HistoryReport, series: SeriesReport): string[] {
  const { points, changes, alarms } = series;
  const shown = seriesUnit(series);
  const last = points.at(-1)!;
  const open = alarms.filter(({ state }) => state === 'open' || state === 'candidate').length;
  return [
    ...[seriesTitle(report, series), String(points.length), shownNumber(last.value, shown), shown.unit, shareChangeText(last.change)],
    ...[String(changes.length + 1), alarms.length === 0 ? '0' : `${alarms.length} (${open} open)`, momentText(last.atMs)],
  ];
}
