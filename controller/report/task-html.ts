/** Executions of benchmarks as one self-contained page: results, each run with what came of it, the course of each, and of training the epochs. */
import { OUTLIER_SCORE, OUTLIER_SHARE, OUTLIERS_FROM } from '../statistics/outliers.ts';
import { duration, percent, threeDigits } from '../text/format.ts';
import { html } from './html-text.ts';
import { shownNumber } from './measured-text.ts';
import { OUTLIER_MARK } from './outcome-marks.ts';
import { drawTask } from './page-draw-task.ts';
import { pageFrame } from './page-frame.ts';
import { pageKit } from './page-kit.ts';
import { runCourseConfigs } from './page-task.ts';
import { curveConfig } from './page-training.ts';
import { canvas, pairs, plotHeight, scrolled } from './plot-page.ts';
import { numberText } from './sweep-columns.ts';
import { type Line, table } from './sweep-tables.ts';
import { type TaskPlots, taskPlots } from './task-plots.ts';
import type { RunOfTask, Subject, SubjectReport, TaskReport } from './task-report.ts';
import {
  betterSign,
  comparedMetrics,
  metricUnit,
  outcomeSign,
  repeatText,
  runNotes,
  spreadText,
  statusText,
  subjectFacts,
  subjectLabels,
  UNCOUNTED_MARK,
} from './task-words.ts';

const COURSE_HEIGHT = 280;
/** More have no column of their own: then all of a metric are in one. */
const COLUMNS_MAX = 12;

/** `subjects`: those that the report was made of, for their series of samples. */
export function taskHtml(report: TaskReport, subjects: readonly Subject[]): string {
  const plots = taskPlots(report, subjects);
  const labels = subjectLabels(report);
  const nameOf = (index: number): string => (labels.length > 1 ? `${labels[index]}: ` : '');
  return pageFrame({
    title: labels.join(', '),
    header: report.subjects.map((subject, index) => `<p class="soft">${html(`${nameOf(index)}${statusText(subject)}`)}</p>`).join('\n'),
    main: `${comparison(report, labels)}
${report.subjects.map((subject, index) => results(subject, report.subjects.length > 1 ? `: ${labels[index]}` : '')).join('\n')}
${courses(plots)}
${curves(plots)}
${report.subjects.map((subject, index) => environment(subject, report.subjects.length > 1 ? `: ${labels[index]}` : '')).join('\n')}
<section><h2>How to read it</h2>${pairs(notes)}</section>`,
    data: plots,
    script: `(${drawTask})(Chart, JSON.parse(document.getElementById('data').textContent), window, {
pageKit: ${pageKit},
runCourseConfigs: ${runCourseConfigs},
curveConfig: ${curveConfig} });`,
  });
}

function comparison(report: TaskReport, labels: readonly string[]): string {
  if (labels.length < 2) return '';
  const titles = ['metric', 'unit', 'better', ...labels.flatMap((label, index) => (index === 0 ? [label] : [label, 'change']))];
  const lines = comparedMetrics(report).map(({ metric, unit, better, scale, medians, changes }) => ({
    cells: [
      ...[metric, unit, `${betterSign[better]} ${better}`],
      ...medians.flatMap((median, index) => [shownNumber(median, { scale }), ...(index === 0 ? [] : [changes[index]!])]),
    ],
  }));
  const numeric = titles.flatMap((_, index) => (index > 2 ? [index] : []));
  return `<section><h2>Beside each other</h2><p class="hint">Medians; changes against ${html(labels[0]!)}.</p>${scrolled('Medians', table(titles, lines, numeric))}</section>`;
}

function results(subject: SubjectReport, of: string): string {
  const { metrics, runs } = subject;
  const measured = metrics.length === 0 ? '<p>Nothing was measured.</p>' : scrolled(`Results${of}`, resultsTable(subject));
  const each =
    runs.length === 0 ? '<p>No repeat was begun, or what it left is no longer stored.</p>' : scrolled(`Runs${of}`, runsTable(runs));
  return `<section><h2>Results${html(of)}</h2>${measured}
<h3 class="apart">Each run</h3>${each}
${lastWords(runs)}</section>`;
}

function resultsTable({ metrics }: SubjectReport): string {
  const repeats = [...new Set(metrics.flatMap(({ values }) => values.map(({ repeat }) => repeat)))].toSorted((a, b) => a - b);
  const several = repeats.length <= COLUMNS_MAX;
  const titles = [
    'metric',
    'unit',
    'better',
    'median',
    'least',
    'most',
    'spread',
    ...(several ? repeats.map((repeat) => `repeat ${repeat}`) : ['repeats']),
  ];
  const lines = metrics.map((metric): Line => {
    const shown = metricUnit(metric);
    const each = repeats.map((repeat) => {
      const value = metric.values.find((one) => one.repeat === repeat);
      return value === undefined ? '–' : repeatText(value, shown.scale);
    });
    const middle = [metric.median, metric.low, metric.high].map((value) => shownNumber(value, shown));
    const cells = [metric.metric, shown.unit, `${betterSign[metric.better]} ${metric.better}`, ...middle, spreadText(metric)];
    return { cells: [...cells, ...(several ? each : [each.join('  ')])] };
  });
  const numeric = titles.flatMap((_, index) => (index > 2 && (several || index < 7) ? [index] : []));
  return table(titles, lines, numeric);
}

function runsTable(runs: readonly RunOfTask[]): string {
  const ranked = runs.some(({ rank }) => rank > 0);
  const titles = ['repeat', ...(ranked ? ['rank'] : []), 'outcome', 'device', 'wall s', 'peak MiB', 'CPU s', 'throttled s', 'run', 'note'];
  const mib = (value: number | null | undefined): string => numberText(value === null || value === undefined ? null : value / 2 ** 20);
  const seconds = (value: number | null | undefined): string => numberText(value === null || value === undefined ? null : value / 1000);
  const lines = runs.map((run): Line => {
    const { repeat, rank, outcome, record, mesh } = run;
    const use = record?.use;
    const words = outcome === 'gone' ? 'no longer stored' : outcome.replaceAll('-', ' ');
    const figures = [seconds(use?.wallMs), mib(use?.peakMemoryBytes), seconds(use?.cpuMs), seconds(use?.throttledMs)];
    const device = record?.environment.device.name ?? mesh?.devices.join(', ') ?? '–';
    const first = [String(repeat), ...(ranked ? [String(rank)] : []), `${outcomeSign(outcome)} ${words}`, device];
    return { kind: kinds[outcome] ?? outcome, cells: [...first, ...figures, run.run, runNotes(run).join('; ')] };
  });
  const from = ranked ? 4 : 3;
  return table(titles, lines, [0, ...(ranked ? [1] : []), from, from + 1, from + 2, from + 3]);
}

const kinds: Readonly<Record<string, string>> = { failed: 'crashed', gone: 'not-tried', unfinished: 'not-tried' };

/** Of failed runs, when they left any. */
function lastWords(runs: readonly RunOfTask[]): string {
  const spoken = runs.filter(({ outcome, record }) => outcome !== 'ok' && (record?.lastWords ?? '') !== '');
  const each = spoken.map(
    ({ repeat, outcomeText, record }) => `<p>Repeat ${repeat}, ${html(outcomeText)}:</p><pre>${html(record!.lastWords)}</pre>`,
  );
  return each.length === 0 ? '' : `<details open><summary>Last words of ${each.length} that failed</summary>${each.join('\n')}</details>`;
}

/** All of them over each other, or the one that the reader chooses. */
function courses({ courses: all, subjects }: TaskPlots): string {
  if (all.length === 0) return '<section><h2>In the course of a run</h2><p>No run left a series of samples.</p></section>';
  const options = all.map(({ label }, index) => `<option value="${index + 1}">${html(label)}</option>`);
  const choose =
    all.length === 1
      ? ''
      : `<label>Runs <select id="course" autocomplete="off"><option value="0" selected>all ${all.length} over each other</option>${options.join('')}</select></label>`;
  const figure = (id: string, title: string, text: string): string =>
    `<figure><h3>${title}</h3><figcaption>${text}</figcaption>${canvas(id, COURSE_HEIGHT, `${title} against time, a line for each run.`)}</figure>`;
  const marks = subjects.length > 1 ? 'Phases are those of the first run of each.' : 'Dotted: where a phase begins.';
  return `<section class="needs-script"><h2>In the course of a run</h2>
${choose}<p class="hint">${marks}</p>
<div class="plots">
${figure('run-memory', 'Memory', 'What cannot be given back: anonymous and kernel memory. The limit counts page cache as well.')}
${figure('run-swap', 'Swap', 'What was moved out of memory.')}
${figure('run-cpu', 'CPU', 'CPU time in a time, since the sample before.')}
${figure('run-throttled', 'Throttled', 'Kept from running by its quota, of the time in which it wanted to.')}
${figure('run-faults', 'Major page faults', 'Each waits for the disk. Many of them for the whole run: thrashing.')}
</div></section>`;
}

function curves({ curves: plots }: TaskPlots): string {
  if (plots.length === 0) return '';
  const figures = plots.map(
    ({ id, title }) =>
      `<figure><h3>${html(title)}</h3>${canvas(id, plotHeight(0), `${title} over the epochs, training and validation.`)}</figure>`,
  );
  return `<section class="needs-script"><h2>Over the epochs</h2>
<p class="hint">Thin lines are single runs, thick ones their median.</p>
<div class="plots">
${figures.join('\n')}</div></section>`;
}

function environment(subject: SubjectReport, of: string): string {
  const epochs = subject.runs.flatMap(({ repeat, record }) =>
    (record?.training?.epochs ?? []).map((epoch) => {
      const times = [epoch.batchesMs, epoch.stepsMs, epoch.validateMs, epoch.checkpointMs];
      const all = times.reduce<number>((sum, each) => sum + (each ?? 0), 0);
      const goals = [epoch.train.loss, epoch.validation.loss].map(threeDigits);
      const right = epoch.validation.accuracy;
      const last = right === null || right === undefined ? '–' : threeDigits(right * 100);
      return { cells: [String(repeat), epoch.stage, String(epoch.epoch), duration(all), ...goals, last] };
    }),
  );
  const titles = ['repeat', 'stage', 'epoch', 'time', 'loss', 'validation loss', 'right %'];
  const trained =
    epochs.length === 0
      ? ''
      : `<details><summary>Every epoch</summary>${scrolled('Every epoch', table(titles, epochs, [0, 2, 3, 4, 5, 6]))}</details>`;
  return `<section><h2>What ran on what${html(of)}</h2>${pairs(subjectFacts(subject))}${trained}</section>`;
}

const notes = [
  ['median', 'Of the repeats that ended well; least and most of the same. Spread: the distance between them, of the median.'],
  [
    `outlier ${OUTLIER_MARK.sign}`,
    `Modified z-score above ${OUTLIER_SCORE} (Iglewicz and Hoaglin 1993) and ${percent(OUTLIER_SHARE)} off the median, among at least ${OUTLIERS_FROM} repeats; marked, never left out.`,
  ],
  [`value with ${UNCOUNTED_MARK}`, 'Of a repeat that did not end well: it is shown, and counts in no median.'],
  ['–', 'Not known, or not measured.'],
] as const;
