/**
 * What the page of executions draws, as numbers: the course of each run with its phases, and of training the epochs.
 *
 *     memory │   ╭──╮      one colour for each task, one dash for each of its runs
 *            │ ╭─╯  ╰─     ┆ where a phase begins
 *            └─┆──┆─────
 */
import { type Course, courseOf } from './row-series.ts';
import type { Subject, SubjectReport, TaskReport } from './task-report.ts';
import { subjectLabels } from './task-words.ts';
import { type CurvePlot, curvePlots } from './training-plots.ts';

export interface TaskPlots {
  /** Names of colours. */
  readonly subjects: readonly string[];
  readonly courses: readonly RunCourse[];
  readonly curves: readonly CurvePlot[];
  /** Of the runs that were trained, for curves. */
  readonly rows: readonly { readonly label: string }[];
}

export interface RunCourse extends Course {
  /** Place among the subjects: its colour. */
  readonly subject: number;
  /** Among the runs of its subject: its dash. */
  readonly place: number;
  readonly label: string;
  readonly phases: readonly { readonly name: string; readonly fromS: number; readonly toS: number }[];
}

/** A plot shows no more of them one by one. */
const PHASES_MAX = 40;

/** `subjects`: those that the report was made of, for their series of samples. */
export function taskPlots(report: TaskReport, subjects: readonly Subject[]): TaskPlots {
  const labels = subjectLabels(report);
  return {
    subjects: labels,
    courses: subjects.flatMap((subject, index) => coursesOf(subject, index, labels[index]!, subjects.length > 1)),
    ...curvesOf(report, labels),
  };
}

function coursesOf({ runs }: Subject, subject: number, label: string, several: boolean): RunCourse[] {
  const ranked = runs.some(({ rank }) => rank > 0);
  return runs.flatMap(({ record, repeat, rank }, place) => {
    if (record === undefined || record.series.length === 0) return [];
    const which = `repeat ${repeat}${ranked ? `, rank ${rank}` : ''}${record.outcome.kind === 'ok' ? '' : `, ${record.outcome.kind.replaceAll('-', ' ')}`}`;
    const phases = record.phases
      .slice(0, PHASES_MAX)
      .map(({ name, startMs, endMs }) => ({ name, fromS: seconds(startMs), toS: seconds(endMs) }));
    return [{ subject, place, label: several ? `${label}, ${which}` : which, phases, ...courseOf(record) }];
  });
}

/** Curves of one title are laid over each other. */
function curvesOf({ subjects }: TaskReport, labels: readonly string[]): Pick<TaskPlots, 'curves' | 'rows'> {
  const rows: { readonly label: string }[] = [];
  const all = subjects.flatMap((subject, index) => {
    const trained = trainedOf(subject);
    const begin = rows.length;
    rows.push(...trained.map(({ repeat }) => ({ label: `${labels[index]}, repeat ${repeat}` })));
    return curvePlots({ rows: trained }).map((plot) => ({
      ...plot,
      lines: plot.lines.map((line) => ({
        ...line,
        name: subjects.length > 1 ? `${labels[index]}: ${line.name}` : line.name,
        rows: line.rows.map((each) => ({ ...each, row: begin + each.row })),
      })),
    }));
  });
  const curves = [...Map.groupBy(all, ({ title }) => title).values()].map(([first, ...more]) => ({
    ...first!,
    lines: [first!, ...more].flatMap(({ lines }) => lines),
    // A loss of 0 has no place on an axis of logarithms.
    log: [first!, ...more].every(({ log }) => log),
  }));
  return { curves: curves.map((curve, index) => ({ ...curve, id: `curve-${index}` })), rows };
}

function trainedOf({ runs }: SubjectReport) {
  return runs.flatMap(({ record, repeat }) =>
    record?.training === null || record === null ? [] : [{ record, repeat, outcome: record.outcome.kind }],
  );
}

function seconds(ms: number): number {
  return Number((ms / 1000).toPrecision(4));
}
