/** An evaluation as one self-contained page: tables, an overview of all that was held out, and a closer view of what the reader chooses. */
import type { EvaluationReport } from '../profiler/evaluation/evaluation-report.ts';
import { judgedKinds } from '../profiler/evaluation/identity.ts';
import { type EvaluationPlots, evaluationPlots } from './evaluation-plots.ts';
import { evaluatedText, evaluationNotes, evaluationTitle, kindTitles, resultHead, resultRows } from './evaluation-words.ts';
import { html } from './html-text.ts';
import { drawEvaluation } from './page-draw-evaluation.ts';
import { coverageConfig, errorConfig, histogramConfig, scatterConfig, shareConfig } from './page-evaluation.ts';
import { pageFrame } from './page-frame.ts';
import { pageKit } from './page-kit.ts';
import { canvas, pairs, plotHeight, scrolled } from './plot-page.ts';
import { table } from './sweep-tables.ts';

/** Pixels: what is around bars and dots that lie, and each of them. */
const FRAME_HEIGHT = 110;
const LINE_HEIGHT = 26;

export function evaluationHtml(report: EvaluationReport): string {
  const plots = evaluationPlots(report);
  return pageFrame({
    title: evaluationTitle,
    header: `<p class="soft">${html(evaluatedText(report))}; ${html(timeText(report))}; seed ${report.seed}</p>`,
    main: `${judgedKinds.map((kind) => resultsSection(report, kind)).join('\n')}
<section><h2>How to read it</h2>${pairs(evaluationNotes(report))}</section>
${overview(plots)}
${closer(plots)}
<section><h2>Devices</h2><ul>${report.samples.devices.map((device) => `<li>${html(device)}</li>`).join('\n')}</ul></section>`,
    data: plots,
    script: `(${drawEvaluation})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
errorConfig: ${errorConfig},
coverageConfig: ${coverageConfig},
scatterConfig: ${scatterConfig},
histogramConfig: ${histogramConfig},
shareConfig: ${shareConfig} });`,
  });
}

function timeText({ samples: { firstMs, lastMs } }: EvaluationReport): string {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  if (firstMs === null || lastMs === null) return 'nothing was measured';
  return day(firstMs) === day(lastMs) ? `measured on ${day(firstMs)}` : `measured from ${day(firstMs)} to ${day(lastMs)}`;
}

function resultsSection(report: EvaluationReport, kind: (typeof judgedKinds)[number]): string {
  const rows = resultRows(report, kind);
  if (rows.length === 0) return '';
  const titles = resultHead.map(({ title }) => title);
  const numeric = resultHead.flatMap((column, index) => (column.numeric ? [index] : []));
  const lines = rows.map((cells) => ({ cells, ...(cells[0]!.startsWith(' ') ? { kind: 'soft' } : {}) }));
  return `<section><h2>${html(kindTitles[kind])}</h2>${scrolled(kindTitles[kind], table(titles, lines, numeric))}</section>`;
}

function overview({ errors, coverage }: EvaluationPlots): string {
  if (errors.length === 0) return '';
  const names = new Set(coverage.map(({ name }) => name)).size;
  const figures = errors.map(
    ({ id, kind, names: lines }) => `<figure><h3>Errors: ${kind === 'models' ? 'whole models' : 'parts'}</h3>
<figcaption>Mean absolute error in percent. Dashed: repeats predicted by repeats, without the speed probe.</figcaption>
${canvas(`plot-${id}`, FRAME_HEIGHT + LINE_HEIGHT * lines.length, 'Mean errors of the profiler and of baselines; the tables above have them.')}</figure>`,
  );
  const intervals = `<figure><h3>Intervals</h3>
<figcaption>How many measured times lie within the interval that is said to hold for 90 %. Infinite ones are left out.</figcaption>
${canvas('plot-coverage', FRAME_HEIGHT + 1.3 * LINE_HEIGHT * names, 'How often intervals hold; the tables above have it.')}</figure>`;
  return `<section class="needs-script"><h2>Overview</h2><div class="plots">
${figures.join('\n')}
${coverage.length === 0 ? '' : intervals}</div></section>`;
}

/** One result, which the reader chooses. */
function closer({ views }: EvaluationPlots): string {
  if (views.length === 0) return '';
  // What matters most to who has a new model.
  const shown = Math.max(
    0,
    views.findIndex(({ label }) => label.startsWith('new family')),
  );
  const options = views.map(({ label }, index) => `<option value="${index}"${index === shown ? ' selected' : ''}>${html(label)}</option>`);
  const folds = Math.max(...views.map((view) => view.folds.length));
  const counted = Math.max(...views.map(({ importance }) => importance.length));
  const importance = `<figure><h3>What counts</h3><figcaption>Mean over the folds.</figcaption>
${canvas('plot-importance', FRAME_HEIGHT + LINE_HEIGHT * counted, 'What counts most in the predictions.')}</figure>`;
  return `<section class="needs-script"><h2>Closer</h2>
<label>Held out <select id="view" autocomplete="off">${options.join('')}</select></label>
<div class="plots">
<figure><h3>Predicted against measured</h3><figcaption>Of very many predictions some by chance.</figcaption>
${canvas('plot-scatter', plotHeight(4), 'Predicted against measured times, a point for each sample.')}</figure>
<figure><h3>Residuals</h3><figcaption>Right of the middle: predicted to take longer than it did. The last bars have all beyond them.</figcaption>
${canvas('plot-residuals', plotHeight(4), 'How many predictions are off by how much.')}</figure>
<figure><h3>Folds</h3><figcaption>What was left out, and how far off its predictions were.</figcaption>
${canvas('plot-folds', FRAME_HEIGHT + LINE_HEIGHT * folds, 'Mean error of each fold.')}</figure>
${counted > 0 ? importance : ''}</div></section>`;
}
