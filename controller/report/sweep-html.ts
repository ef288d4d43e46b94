/** A sweep as one self-contained page: findings and every row as text, plots against the limit, and of training over epochs. */
import { type FigureName, figuresOfMode } from '../bench/row-figures.ts';
import type { SweepRow } from '../bench/sweep.ts';
import { html } from './html-text.ts';
import { minimumBars } from './minimum-bars.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import type { PageData } from './page-data.ts';
import { extentOf } from './plot-extent.ts';
import { barsHeight, canvas, pairs, plotHeight, plotPage, scrolled } from './plot-page.ts';
import { rowSeries } from './row-series.ts';
import { environmentOf } from './sweep-environment.ts';
import { findingsOf } from './sweep-findings.ts';
import { methodOf } from './sweep-method.ts';
import { plottedRows, sweepPlots } from './sweep-plots.ts';
import type { SweepReport } from './sweep-report.ts';
import { outcomeList, pointsTable, rowsTable } from './sweep-tables.ts';
import { doing, limitNames, sweepTitle } from './sweep-words.ts';
import { curvePlots, phasePlot } from './training-plots.ts';

const DOTS = 'Dots are single runs, lines their mean, the band where the true mean lies with 90 % confidence.';

const captions: Readonly<Record<SweepReport['mode'], Readonly<Record<FigureName, string>>>> = {
  infer: {
    timeMs: DOTS,
    samplesPerS: 'The same runs: samples computed in a second.',
    peakMemoryBytes: 'Page cache included: it fills what it may. What was killed is drawn at the peak that it had reached.',
    accuracy: '',
  },
  train: {
    timeMs: `Training, validation and checkpoint; the median of the epochs of a run. ${DOTS}`,
    samplesPerS: 'Examples trained with in a second of batches and steps.',
    peakMemoryBytes: 'Page cache included: it fills what it may. What was killed is drawn at the peak that it had reached.',
    accuracy:
      'Of the validation, with the best parameters. A limit that only slows it down leaves it as it is. Where all are good, the axis does not begin at 0.',
  },
};

export const figureHeadings: Readonly<Record<SweepReport['mode'], Readonly<Record<FigureName, string>>>> = {
  infer: { timeMs: 'Time', samplesPerS: 'Throughput', peakMemoryBytes: 'Peak memory', accuracy: 'Accuracy' },
  train: { timeMs: 'Time per epoch', samplesPerS: 'Throughput', peakMemoryBytes: 'Peak memory', accuracy: 'Best accuracy' },
};

const COURSE_HEIGHT = 250;

/** `rows`: those that the report was made of, for their series of samples. */
export function sweepHtml(report: SweepReport, rows: readonly SweepRow[]): string {
  const { mode, limit } = report;
  const plots = sweepPlots(report);
  const values = report.rows.map(({ value }) => value);
  const data: PageData = {
    ...{ unit: report.unit, plots, bars: minimumBars(report), barsX: extentOf(values, limit, true), series: rowSeries(rows) },
    ...{ phases: mode === 'train' ? phasePlot(report) : null, curves: mode === 'train' ? curvePlots(report) : [] },
    ...{ rows: plottedRows(report), marks: outcomeMarks, outlier: OUTLIER_MARK },
  };
  const figures = figuresOfMode[mode].map((figure, index) => limitFigure(report, figure, plots[index]!.lanes.length));
  return plotPage({
    title: sweepTitle(report),
    header: `<p class="soft">Sweep ${html(report.sweep)}, ${new Date(report.startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${report.status}</p>
${outcomeList(report)}`,
    main: `<section><h2>Found</h2>${pairs(findingsOf(report).map(({ title, text }) => [title, text]))}</section>
<section class="needs-script"><h2>Against the limit</h2><div class="plots">
${figures.join('\n')}
<figure><h3>Smallest ${limitNames[limit]} that ${doing[mode]}</h3>
<figcaption>Bar: the smallest limit with which all repeats were ok. ✕: the largest below it that failed.</figcaption>
${canvas('plot-minimum', barsHeight(data.bars.length), 'The smallest limits, a bar for each variant; they are in the findings above.')}</figure>
${phases(data)}</div></section>
${curves(data)}
${courses(report, data)}
<section><h2>Every row</h2>
<p class="hint">${report.rows.length} were planned or came up on the way. ${OUTLIER_MARK.sign} marks an outlier; – is not known.</p>
${scrolled('Every row', rowsTable(report))}
${lastWords(report)}</section>
<section><h2>Environment</h2>${pairs(environmentOf(report))}</section>
<section><h2>Method</h2>${pairs(methodOf(report))}</section>`,
    data,
  });
}

function limitFigure(report: SweepReport, figure: FigureName, lanes: number): string {
  const title = figureHeadings[report.mode][figure];
  const spoken = `${title} against the ${limitNames[report.limit]} limit; the same numbers are in the table below the plot.`;
  return `<figure><h3>${title}</h3><figcaption>${captions[report.mode][figure]}</figcaption>
${canvas(`plot-${figure}`, plotHeight(lanes), spoken)}
<details><summary>In numbers</summary>${scrolled(`${title} in numbers`, pointsTable(report, figure))}</details></figure>`;
}

function phases({ phases: plot }: PageData): string {
  if (plot === null) return '';
  return `<figure><h3>Where an epoch's time goes</h3>
<figcaption>Medians over epochs and repeats. Batches: order, augmentation, copying. Loading, once for each run, is not in it: every row below has it.</figcaption>
${canvas('plot-phases', plotHeight(0), 'The phases of an epoch, a bar for each limit; the table of every row has them.')}</figure>`;
}

function curves({ curves: plots }: PageData): string {
  if (plots.length === 0) return '';
  const figures = plots.map(
    ({ id, title }) =>
      `<figure><h3>${html(title)}</h3>${canvas(id, plotHeight(0), `${title} over the epochs, training and validation.`)}</figure>`,
  );
  return `<section class="needs-script"><h2>Over the epochs</h2>
<p class="hint">Thin lines are single rows, also those that failed later; thick ones the median of those that were ok. Rows that compute the same lie upon each other.</p>
<div class="plots">
${figures.join('\n')}</div></section>`;
}

/** The course of one run, which the reader chooses. */
function courses(report: SweepReport, { series, rows }: PageData): string {
  if (series.length === 0) return '';
  const edge = report.summary.variants[0]?.smallest?.value;
  const sorted = series.toSorted((a, b) => report.rows[b.row]!.value - report.rows[a.row]!.value || a.row - b.row);
  const shown = sorted.find(({ row }) => report.rows[row]!.value === edge && report.rows[row]!.outcome === 'ok') ?? sorted[0]!;
  const options = sorted.map(
    ({ row }) => `<option value="${row}"${row === shown.row ? ' selected' : ''}>${html(rows[row]!.label)}</option>`,
  );
  const figure = (id: string, title: string, text: string): string =>
    `<figure><h3>${title}</h3>${canvas(id, COURSE_HEIGHT, `${title} of the chosen run against time.`)}<figcaption>${text}</figcaption></figure>`;
  return `<section class="needs-script"><h2>In the course of a run</h2>
<label>Run <select id="row" autocomplete="off">${options.join('')}</select></label>
<div class="plots three">
${figure('course-memory', 'Memory', 'Sampled every tenth of a second; long runs more rarely, with the largest of each stretch.')}
${figure('course-cpu', 'CPU', 'Throttled time counts all CPUs together.')}
${figure('course-faults', 'Major page faults', 'Each waits for the disk. Many of them for the whole run: thrashing.')}
</div></section>`;
}

/** Of failed runs, when they left any. */
function lastWords(report: SweepReport): string {
  const spoken = report.rows.filter(({ outcome, record }) => outcome !== 'ok' && (record?.lastWords ?? '') !== '');
  const each = spoken.map(
    ({ row, outcomeText, record }) => `<p>Row ${row}, ${html(outcomeText)}:</p><pre>${html(record!.lastWords)}</pre>`,
  );
  return each.length === 0 ? '' : `<details><summary>Last words of ${each.length} that failed</summary>${each.join('\n')}</details>`;
}
