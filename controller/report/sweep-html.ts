/**
 * A sweep as one self-contained page: findings and every row as text, plots by Chart.js, which the page carries. Nothing is fetched, and the page itself
 * forbids the browser to (its Content-Security-Policy).
 */
import { type FigureName, figureNames } from '../bench/row-figures.ts';
import type { SweepRow } from '../bench/sweep.ts';
import { chartLibrary } from './chart-library.ts';
import { html, scriptJson } from './html-text.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import { barConfig } from './page-bars.ts';
import { courseConfigs } from './page-course.ts';
import type { PageData } from './page-data.ts';
import { drawPage } from './page-draw.ts';
import { pageKit } from './page-kit.ts';
import { limitConfig } from './page-limit.ts';
import { rowSeries } from './row-series.ts';
import { environmentOf, type Fact, methodOf } from './sweep-environment.ts';
import { findingsOf } from './sweep-findings.ts';
import { extentOf, limitPlot, minimumBars, plottedRows } from './sweep-plots.ts';
import type { SweepReport } from './sweep-report.ts';
import { sweepStyle } from './sweep-style.ts';
import { outcomeList, pointsTable, rowsTable } from './sweep-tables.ts';
import { doing, limitNames, sweepTitle } from './sweep-words.ts';

const captions: Readonly<Record<FigureName, string>> = {
  timeMs: 'Dots are single runs, lines their mean, the band where the true mean lies with 90 % confidence.',
  samplesPerS: 'The same runs: samples computed in a second.',
  peakMemoryBytes: 'Page cache included: it fills what it may. What was killed is drawn at the peak that it had reached.',
};

const titles: Readonly<Record<FigureName, string>> = { timeMs: 'Time', samplesPerS: 'Throughput', peakMemoryBytes: 'Peak memory' };

/** Pixels: a plot, and each lane below it. */
const PLOT_HEIGHT = 330;
const LANE_HEIGHT = 26;
const COURSE_HEIGHT = 250;

/** `rows`: those that the report was made of, for their series of samples. */
export function sweepHtml(report: SweepReport, rows: readonly SweepRow[]): string {
  const data: PageData = {
    unit: report.unit,
    plots: figureNames.map((figure) => limitPlot(report, figure)),
    bars: minimumBars(report),
    barsX: extentOf(report, true),
    series: rowSeries(rows),
    rows: plottedRows(report),
    marks: outcomeMarks,
    outlier: OUTLIER_MARK,
  };
  const name = limitNames[report.limit];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${html(sweepTitle(report))}</title>
<style>${sweepStyle}</style>
<noscript><style>.needs-script { display: none }</style></noscript>
</head>
<body>
<header>
<h1>${html(sweepTitle(report))}</h1>
<p class="soft">Sweep ${html(report.sweep)}, ${new Date(report.startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${report.status}</p>
${outcomeList(report)}
</header>
<main>
<section><h2>Found</h2>${pairs(findingsOf(report).map(({ title, text }) => [title, text]))}</section>
<section class="needs-script"><h2>Against the limit</h2><div class="plots">
${data.plots.map((plot, index) => limitFigure(report, figureNames[index]!, plot.lanes.length)).join('\n')}
<figure><h3>Smallest ${name} that ${doing[report.mode]}</h3>
<figcaption>Bar: the smallest limit with which all repeats were ok. ✕: the largest below it that failed.</figcaption>
${canvas('plot-minimum', 70 + 48 * data.bars.length, 'The smallest limits, a bar for each variant; they are in the findings above.')}</figure>
</div></section>
${courses(report, data)}
<section><h2>Every row</h2>
<p class="hint">${report.rows.length} were planned or came up on the way. ${OUTLIER_MARK.sign} marks an outlier; – is not known.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Every row">${rowsTable(report)}</div>
${lastWords(report)}</section>
<section><h2>Environment</h2>${pairs(environmentOf(report))}</section>
<section><h2>Method</h2>${pairs(methodOf(report))}</section>
</main>
<noscript><p>Plots need JavaScript; all numbers are in the tables.</p></noscript>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${chartLibrary()}</script>
<script>(${drawPage})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
limitConfig: ${limitConfig},
barConfig: ${barConfig},
courseConfigs: ${courseConfigs} });</script>
</body>
</html>
`;
}

function limitFigure(report: SweepReport, figure: FigureName, lanes: number): string {
  const spoken = `${titles[figure]} against the ${limitNames[report.limit]} limit; the same numbers are in the table below the plot.`;
  return `<figure><h3>${titles[figure]}</h3><figcaption>${captions[figure]}</figcaption>
${canvas(`plot-${figure}`, PLOT_HEIGHT + LANE_HEIGHT * lanes, spoken)}
<details><summary>In numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="${titles[figure]} in numbers">${pointsTable(report, figure)}</div></details></figure>`;
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

function canvas(id: string, height: number, spoken: string): string {
  return `<div class="plot" style="height: ${height}px"><canvas id="${id}" role="img" aria-label="${html(spoken)}">${html(spoken)}</canvas></div>`;
}

function pairs(facts: readonly Fact[]): string {
  return `<dl>${facts.map(([title, text]) => `<dt>${html(title)}</dt><dd>${html(text)}</dd>`).join('\n')}</dl>`;
}
