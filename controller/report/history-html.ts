/** Histories as one self-contained page: for each series a plot over its runs, what was found, and a table of every run. */
import { alarmMarks } from './history-alarms.ts';
import { historyPlot } from './history-plot.ts';
import { CHANGES_FROM, type HistoryReport, type SeriesReport } from './history-report.ts';
import { commonText, historyTitle, marksOf, seriesFindings, seriesTitle, seriesUnit } from './history-words.ts';
import { html } from './html-text.ts';
import { momentText, shareChangeText, shownNumber } from './measured-text.ts';
import { OUTLIER_MARK } from './outcome-marks.ts';
import { drawHistory } from './page-draw-history.ts';
import { pageFrame } from './page-frame.ts';
import { type HistoryPage, historyConfig } from './page-history.ts';
import { pageKit } from './page-kit.ts';
import { canvas, pairs, plotHeight, scrolled } from './plot-page.ts';
import { table } from './sweep-tables.ts';

/** Of a run with more the last ones are in the tooltip and the exports. */
const REPEATS_SHOWN = 7;

export function historyHtml(report: HistoryReport): string {
  const { series, without } = report;
  const plots = series.map((each, index) => historyPlot(each, report, `series-${index}`));
  const data: HistoryPage = { plots, alarmMarks, outlier: OUTLIER_MARK };
  return pageFrame({
    title: historyTitle(report),
    header: `<p class="soft">${html(summaryText(report))}</p>
${contents(report)}`,
    main: `${series.length === 0 ? '<section><p>No run has added to this history yet.</p></section>' : series.map((each, index) => section(report, each, index)).join('\n')}
${withoutSection(report)}
<section><h2>How to read it</h2>${pairs(notes(without.length > 0))}</section>`,
    data,
    script: `(${drawHistory})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
historyConfig: ${historyConfig} });`,
  });
}

function summaryText(report: HistoryReport): string {
  const { series, without, benchmarks } = report;
  const common = commonText(report);
  const times = series.flatMap(({ points }) => [points[0]!.atMs, points.at(-1)!.atMs]);
  const runs = new Set(series.flatMap(({ points }) => points.map(({ task }) => task))).size;
  const range = times.length === 0 ? '' : `, ${momentText(Math.min(...times))} to ${momentText(Math.max(...times))} UTC`;
  const of = benchmarks.length > 1 ? ` of ${benchmarks.length} benchmarks` : '';
  return `${counted(runs, 'run')}${of}, ${series.length} series${range}${common === undefined || common === '' ? '' : `; all with ${common}`}${without.length === 0 ? '' : `, ${counted(without.length, 'task')} without a value`}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Where there is more than fits a screen. */
function contents(report: HistoryReport): string {
  const { series } = report;
  if (series.length < 2) return '';
  const lines = series.map((each, index) => {
    const shown = seriesUnit(each);
    const last = each.points.at(-1)!;
    const open = each.alarms.filter(({ state }) => state === 'open' || state === 'candidate').length;
    const link = `<a href="#s${index}">${html(seriesTitle(report, each))}</a>`;
    const cells = [
      shownNumber(last.value, shown),
      shown.unit,
      shareChangeText(last.change),
      String(each.points.length),
      String(each.changes.length),
      String(open),
    ];
    const aligned = cells.map((cell, at) => `<td${at === 1 ? '' : ' class="n"'}>${html(cell)}</td>`);
    return `<tr><td>${link}</td>${aligned.join('')}</tr>`;
  });
  const titles = ['last', 'unit', 'change', 'runs', 'change points', 'open alarms'];
  const head = titles.map((title) => `<th scope="col"${title === 'unit' ? '' : ' class="n"'}>${title}</th>`).join('');
  return scrolled(
    'Series',
    `<table><thead><tr><th scope="col">series</th>${head}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table>`,
  );
}

function section(report: HistoryReport, series: SeriesReport, index: number): string {
  const title = seriesTitle(report, series);
  const found = seriesFindings(series).map((text) => `<li>${html(text)}</li>`);
  return `<section id="s${index}"><h2>${html(title)}</h2>
<ul>${found.join('\n')}</ul>
<figure class="needs-script">${canvas(`series-${index}`, plotHeight(0), `${title}, run by run; every run is in the table below the plot.`)}</figure>
<details><summary>Every run</summary>${scrolled(`Every run: ${title}`, runsTable(series))}</details></section>`;
}

/** Newest first. */
function runsTable(series: SeriesReport): string {
  const shown = seriesUnit(series);
  const lines = series.points.map((point, index) => {
    const { task, atMs, value, repeats, change } = point;
    const each = repeats
      .slice(0, REPEATS_SHOWN)
      .map((repeat) => `${repeat.outlier ? OUTLIER_MARK.sign : ''}${shownNumber(repeat.value, shown)}`);
    const more = repeats.length > REPEATS_SHOWN ? [`… ${repeats.length - REPEATS_SHOWN} more`] : [];
    const cells = [String(index + 1), task, momentText(atMs), shownNumber(value, shown), shareChangeText(change)];
    return { cells: [...cells, [...each, ...more].join('  '), marksOf(series, point, index).join('; ')] };
  });
  return table(['run', 'task', 'time (UTC)', `median ${shown.unit}`, 'change', 'repeats', 'marks'], lines.toReversed(), [0, 3, 4]);
}

function withoutSection({ without }: HistoryReport): string {
  if (without.length === 0) return '';
  const lines = without
    .map(({ task, benchmark, atMs, status, error, origin }) => ({
      cells: [
        task,
        benchmark,
        momentText(atMs),
        status,
        error ?? (origin === 'confirmation' ? 'a confirmation adds nothing to histories' : ''),
      ],
      kind: status === 'failed' ? 'crashed' : 'cancelled',
    }))
    .toReversed();
  return `<section><h2>Tasks without a value</h2>${scrolled('Tasks without a value', table(['task', 'benchmark', 'time (UTC)', 'status', 'why'], lines, []))}</section>`;
}

function notes(without: boolean): (readonly [string, string])[] {
  const states = Object.entries(alarmMarks).filter(([state]) => state !== 'unknown');
  return [
    ['axis', 'It shows where the values are, and need not begin at 0.'],
    ['change', 'Against the median of the runs before it, of at most the last ten.'],
    ['level', 'The median from one change point to the next.'],
    [
      'change point',
      `Where the level changed for good and not by chance, by at least 2 %; looked for from ${CHANGES_FROM} runs on, in all runs. p: of this place alone.`,
    ],
    ['alarm', states.map(([state, { sign, meaning }]) => `${sign} ${state}: ${meaning}`).join('; ')],
    [
      `outlier ${OUTLIER_MARK.sign}`,
      'Far from the other runs of its level, or from the other repeats of its run: modified z-score above 3.5 and 5 % off, among at least five. Marked, never left out.',
    ],
    ...(without
      ? [
          [
            '✕ at the bottom',
            'A task of the benchmark that failed, was cancelled or missed, or is not over; it may have been for another device.',
          ] as const,
        ]
      : []),
  ];
}
