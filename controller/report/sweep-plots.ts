/** The plots of one sweep: a figure against the limit with a line for each variant. What is in them: limit-plot.ts. */
import { type FigureName, figuresOfMode } from '../bench/row-figures.ts';
import { type LimitPlot, limitPlot } from './limit-plot.ts';
import { extentOf } from './plot-extent.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { figureText, placeText, shownAs, variantText } from './sweep-words.ts';

/** Each of the figures that its mode has. */
export function sweepPlots(report: SweepReport): LimitPlot[] {
  return figuresOfMode[report.mode].map((figure) => sweepPlot(report, figure));
}

export function sweepPlot(report: SweepReport, figure: FigureName): LimitPlot {
  const { rows, limit, points, variants, summary } = report;
  return limitPlot({
    ...{ id: figure, figure, shown: shownAs(report, figure), limit, points, yTitle: yTitleOf(report, figure) },
    x: extentOf(
      rows.map(({ value }) => value),
      limit,
    ),
    lines: variants.map((_, variant) => ({ name: variantText(report, variant), variant, knee: summary.variants[variant]!.knee })),
    rows: rows.map((row, place) => ({ ...row, place })),
  });
}

export function yTitleOf(report: Pick<SweepReport, 'mode' | 'load' | 'rows'>, figure: FigureName): string {
  const { title, unit } = shownAs(report, figure);
  if (figure === 'timeMs' && report.load !== null)
    return report.load.scenario.kind === 'offline' ? 'time of a sample (ms)' : 'median query latency (ms)';
  return figure === 'accuracy' ? 'validation accuracy (%)' : `${title} (${unit})`;
}

/** Of each row. `label`: for whoever points at it. */
export function plottedRows(report: SweepReport): { readonly variant: number; readonly label: string }[] {
  return report.rows.map((row) => ({ variant: row.variant, label: rowLabel(report, row) }));
}

export function rowLabel(report: SweepReport, row: RowReport): string {
  const { timeMs, samplesPerS, peakMemoryBytes, accuracy } = row.figures;
  const measured = [
    ...(timeMs === null ? [] : [`${figureText(report, 'timeMs', timeMs)}${report.mode === 'train' ? ' an epoch' : ''}`]),
    ...(samplesPerS === null ? [] : [figureText(report, 'samplesPerS', samplesPerS)]),
    ...(peakMemoryBytes === null ? [] : [`peak ${figureText(report, 'peakMemoryBytes', peakMemoryBytes)}`]),
    ...(accuracy === null ? [] : [`${figureText(report, 'accuracy', accuracy)} right`]),
  ];
  return `${placeText(report, row)}: ${[row.outcomeText, ...measured].join(', ')}`;
}
