/** Executions of benchmarks in the terminal: what each measured, and what came of repeats that did not end well. */
import { threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import { shownNumber } from './measured-text.ts';
import type { MetricReport, SubjectReport, TaskReport } from './task-report.ts';
import {
  comparedMetrics,
  metricUnit,
  outcomeSign,
  repeatText,
  runNotes,
  spreadText,
  statusText,
  subjectFacts,
  subjectLabels,
} from './task-words.ts';

/** Lines longer than that are hard to read. */
const WIDTH_MAX = 100;

const head: readonly Column[] = [
  { title: 'METRIC' },
  { title: 'MEDIAN', align: 'right' },
  { title: 'UNIT' },
  { title: 'SPREAD', align: 'right' },
  { title: 'REPEATS', flexible: true },
];

/** Lines joined by line breaks, with one at the end. */
export function taskText(report: TaskReport, columns: number): string {
  const parts = report.subjects.map((subject) => subjectText(subject, columns));
  return [...parts, ...(report.subjects.length > 1 ? [comparisonText(report, columns)] : [])].join('\n');
}

function subjectText(subject: SubjectReport, columns: number): string {
  const { name, title, task, metrics, runs } = subject;
  const width = Math.min(columns, WIDTH_MAX);
  const told = subjectFacts(subject).filter(([fact]) => ['limits', 'device', 'mesh run'].includes(fact));
  const bad = runs.filter(({ outcome }) => outcome !== 'ok');
  const lines = [
    `${title}  ${task === null ? 'run' : 'task'} ${name}`,
    ...wrapped('status', statusText(subject), width),
    ...told.flatMap(([fact, text]) => wrapped(fact, text, width)),
    '',
    ...(metrics.length === 0 ? ['nothing was measured'] : formatTable(head, metrics.map(cells), columns)),
    ...(bad.length === 0 ? [] : ['']),
    ...bad.flatMap((run) =>
      wrapped(
        `repeat ${run.repeat}`,
        [`${outcomeSign(run.outcome)} ${run.outcomeText}`, ...runNotes(run).filter((note) => note !== run.outcomeText)].join('; '),
        width,
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function cells(metric: MetricReport): string[] {
  const shown = metricUnit(metric);
  const each = metric.values.map((value) => repeatText(value, shown.scale)).join('  ');
  return [metric.metric, shownNumber(metric.median, shown), shown.unit, spreadText(metric), each];
}

function comparisonText(report: TaskReport, columns: number): string {
  const labels = subjectLabels(report);
  const titles = labels.flatMap((label, index): Column[] => [
    { title: label, align: 'right', flexible: true },
    ...(index === 0 ? [] : [{ title: '', align: 'right' } as const]),
  ]);
  const rows = comparedMetrics(report).map(({ metric, unit, scale, medians, changes }) => [
    ...[metric, unit],
    ...medians.flatMap((median, index) => {
      const value = median === null ? '–' : threeDigits(median / scale);
      return index === 0 ? [value] : [value, changes[index]!];
    }),
  ]);
  return `${formatTable([{ title: 'METRIC' }, { title: 'UNIT' }, ...titles], rows, columns).join('\n')}\n`;
}
