/** The plots of a study: for each mode a figure against the limit with a line for each model, and the smallest limits of both modes side by side. */
import { type FigureName, figuresOfMode } from '../bench/row-figures.ts';
import type { SweepWorkload } from '../bench/sweep.ts';
import { type LimitPlot, limitPlot } from './limit-plot.ts';
import type { MinimumBar } from './minimum-bars.ts';
import { extentOf } from './plot-extent.ts';
import type { StudyReport } from './study-report.ts';
import { edgeOf, endsOf, modeNames, modes, studyShown } from './study-words.ts';
import { rowLabel, yTitleOf } from './sweep-plots.ts';
import type { SweepReport } from './sweep-report.ts';
import { doing } from './sweep-words.ts';

export interface StudyPlot {
  readonly mode: SweepWorkload['mode'];
  readonly figure: FigureName;
  readonly plot: LimitPlot;
}

export function studyPlots(report: StudyReport): StudyPlot[] {
  return modes.flatMap((mode) =>
    endsOf(report, mode).length === 0 ? [] : figuresOfMode[mode].map((figure) => ({ mode, figure, plot: studyPlot(report, mode, figure) })),
  );
}

function studyPlot(report: StudyReport, mode: SweepWorkload['mode'], figure: FigureName): LimitPlot {
  const { sweeps, limit } = report;
  const ends = endsOf(report, mode);
  const lineOf = (sweep: number, variant: number): number =>
    ends.find(({ end }) => end.sweep === sweep && end.variant === variant)?.index ?? -1;
  const begins = beginningsOf(sweeps);
  const own = sweeps.flatMap((each, index) => (each.mode === mode ? [{ each, index }] : []));
  const kinds = new Set(own.map(({ each }) => each.load?.scenario.kind === 'offline'));
  const rows = own.flatMap(({ each }) => each.rows);
  return limitPlot({
    ...{ id: `${mode}-${figure}`, figure, limit, shown: studyShown(report, mode, figure) },
    yTitle: yTitleOf({ mode, rows, load: kinds.size > 1 ? null : (own[0]?.each.load ?? null) }, figure),
    // The same for both modes: who looks from one plot to the other compares them.
    x: extentOf(
      sweeps.flatMap((each) => each.rows.map(({ value }) => value)),
      limit,
    ),
    lines: ends.map(({ line, index, end }) => ({ name: line.name, variant: index, knee: end.knee })),
    points: own.flatMap(({ each, index }) => each.points.map((point) => ({ ...point, variant: lineOf(index, point.variant) }))),
    rows: own.flatMap(({ each, index }) =>
      each.rows.map((row, at) => ({ ...row, variant: lineOf(index, row.variant), place: begins[index]! + at })),
    ),
  });
}

/** Of each sweep the place of its first row among the rows of all. */
function beginningsOf(sweeps: readonly SweepReport[]): number[] {
  let begin = 0;
  return sweeps.map(({ rows }) => {
    begin += rows.length;
    return begin - rows.length;
  });
}

/** Of all sweeps, one after the other. */
export function studyRows(report: StudyReport): { readonly variant: number; readonly label: string }[] {
  return report.sweeps.flatMap((sweep, index) =>
    sweep.rows.map((row) => ({
      variant: report.lines.findIndex(({ [sweep.mode]: end }) => end?.sweep === index && end.variant === row.variant),
      label: `${modeNames[sweep.mode]} of ${sweep.model}, ${rowLabel(sweep, row)}`,
    })),
  );
}

/** Training filled, inference hollow, side by side for each line. */
export function studyBars(report: StudyReport): MinimumBar[] {
  return report.lines.flatMap((line, variant) =>
    modes.flatMap((mode) => {
      const end = line[mode];
      if (end === null) return [];
      const isMemory = report.limit === 'memory';
      return [
        {
          ...{ name: `${line.name} ${doing[mode]}`, variant, hollow: mode === 'infer', words: edgeOf(report, end) },
          held: isMemory ? (end.smallest?.value ?? null) : end.knee,
          failed: isMemory ? (end.failedBelow?.value ?? null) : null,
        },
      ];
    }),
  );
}
