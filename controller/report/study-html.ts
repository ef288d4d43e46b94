/** A study as one self-contained page: a table of its models, their smallest limits as bars, and a line for each of them in every plot. */

import type { FigureName } from '../bench/row-figures.ts';
import { CONFIDENCE } from '../statistics/band.ts';
import { percent } from '../text/format.ts';
import { html } from './html-text.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import { extentOf } from './plot-extent.ts';
import { barsHeight, canvas, pairs, plotHeight, plotPage, scrolled } from './plot-page.ts';
import { type StudyPlot, studyBars, studyPlots, studyRows } from './study-plots.ts';
import type { StudyReport } from './study-report.ts';
import { modeNames, modes, studyNotes, studyTable, studyTitle } from './study-words.ts';
import { environmentOf, type Fact } from './sweep-environment.ts';
import { findingsOf } from './sweep-findings.ts';
import { figureHeadings } from './sweep-html.ts';
import { methodOf } from './sweep-method.ts';
import type { SweepReport } from './sweep-report.ts';
import { outcomeList, table } from './sweep-tables.ts';
import { limitNames, sweepTitle } from './sweep-words.ts';

export function studyHtml(report: StudyReport): string {
  const { sweeps, limit, unit, study, startedMs } = report;
  const plots = studyPlots(report);
  const bars = studyBars(report);
  const values = sweeps.flatMap(({ rows }) => rows.map(({ value }) => value));
  const named = study === null ? 'Chosen sweeps' : `Study ${study}`;
  const found = studyTable(report);
  const notes = studyNotes(report).map((note) => `<li>${html(note)}</li>`);
  return plotPage({
    title: studyTitle(report),
    header: `<p class="soft">${html(named)}, ${sweeps.length} sweeps, ${new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC</p>`,
    main: `<section><h2>Models</h2>
${scrolled(
  'Models',
  table(
    found.head.map(({ title }) => title),
    found.rows.map((cells) => ({ cells })),
    found.head.flatMap(({ numeric }, index) => (numeric ? [index] : [])),
  ),
)}
<p class="hint">Times and peaks are medians at the largest limit that was measured, where it presses least; peaks with page cache. – was not measured.</p>
${notes.length === 0 ? '' : `<ul>${notes.join('\n')}</ul>`}</section>
<section class="needs-script"><h2>${limit === 'memory' ? 'Smallest memory' : 'Knee of CPU'}</h2><figure>
<figcaption>${barsCaption(report)}</figcaption>
${canvas('plot-minimum', barsHeight(0) + 38 * bars.length, 'A bar for each model and mode; the table above has the same.')}</figure></section>
${modes.map((mode) => section(report, plots, mode)).join('\n')}
<section><h2>Each sweep</h2>${sweeps.map(sweepDetails).join('\n')}</section>
<section><h2>Environment</h2>${pairs(environmentOf({ rows: sweeps.flatMap(({ rows }) => rows) }))}</section>
${modes.map((mode) => method(sweeps.filter((each) => each.mode === mode))).join('\n')}`,
    data: {
      ...{ unit, plots: plots.map(({ plot }) => plot), bars, barsX: extentOf(values, limit, true), series: [], phases: null, curves: [] },
      ...{ rows: studyRows(report), marks: outcomeMarks, outlier: OUTLIER_MARK },
    },
  });
}

function barsCaption({ limit }: StudyReport): string {
  return limit === 'memory'
    ? 'Filled: with all repeats of the training ok; hollow: of the inference. ✕: the largest below it that failed. A model without a bar held with nothing that was tried.'
    : 'Where time stops falling steeply, with the time that it takes there. Filled: training; hollow: inference.';
}

const captions: Readonly<Record<FigureName, string>> = {
  timeMs: `Dots are single runs, lines their mean, bands its ${percent(CONFIDENCE)} confidence interval.`,
  samplesPerS: 'The same runs.',
  peakMemoryBytes: 'Page cache included: it fills what it may. What was killed is drawn at the peak that it had reached.',
  accuracy: 'Of the validation, with the best parameters of each run. Where all are good, the axis does not begin at 0.',
};

function section({ limit }: StudyReport, plots: readonly StudyPlot[], mode: SweepReport['mode']): string {
  const own = plots.filter((each) => each.mode === mode);
  if (own.length === 0) return '';
  const name = modeNames[mode];
  const figures = own.map(({ figure, plot }) => {
    const title = figureHeadings[mode][figure];
    const spoken = `${title} of ${name} against the ${limitNames[limit]} limit, a line for each model.`;
    return `<figure><h3>${title}</h3><figcaption>${captions[figure]}</figcaption>
${canvas(`plot-${plot.id}`, plotHeight(plot.lanes.length), spoken)}</figure>`;
  });
  return `<section class="needs-script"><h2>${name[0]!.toUpperCase()}${name.slice(1)}</h2><div class="plots">
${figures.join('\n')}</div></section>`;
}

function sweepDetails(report: SweepReport): string {
  const { sweep, mode } = report;
  return `<details><summary>${html(sweepTitle(report))}${mode === 'infer' ? ', inference' : ''}; sweep ${html(sweep)}</summary>
${outcomeList(report)}${pairs(findingsOf(report).map(({ title, text }): Fact => [title, text]))}</details>`;
}

/** What they have in common once; where they differ, with their models. */
function method(sweeps: readonly SweepReport[]): string {
  const [first] = sweeps;
  if (first === undefined) return '';
  const all = sweeps.map((sweep) => ({ sweep, facts: new Map(methodOf(sweep)) }));
  const facts = methodOf(first).map(([title]): Fact => {
    const texts = new Set(all.map(({ facts: each }) => each.get(title) ?? 'not said'));
    if (texts.size === 1) return [title, [...texts][0]!];
    return [title, all.map(({ sweep, facts: each }) => `${sweep.model}: ${each.get(title) ?? 'not said'}`).join('; ')];
  });
  return `<section><h2>Method of ${modeNames[first.mode]}</h2>${pairs(facts)}</section>`;
}
