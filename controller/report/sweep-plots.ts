/**
 * What is to be drawn of a sweep, as numbers: lines, bands, points, marks. How it looks is the page's business (page-limit.ts).
 *
 *     time │ ·                      dots: each repeat that was ok; ◇ around an outlier
 *          │ ●╲_                    line and band: mean and its 90 % band
 *          │    ╲●____●
 *          ├───────────── limit
 *     OOM  │ ✕                      lanes: everything else that came of a row, and what was never tried
 */
import { type FigureName, type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import type { RowReport, SweepReport } from './sweep-report.ts';
import { figureText, figureTitles, limitNames, outcomeWords, placeText, variantText } from './sweep-words.ts';

export interface LimitPlot {
  readonly id: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly x: { readonly min: number; readonly max: number; readonly step: number };
  readonly y: { readonly min: number; readonly max: number; readonly log: boolean };
  readonly lines: readonly PlotLine[];
  /** Rows that were not ok and yet have the figure: [x, y, row], by outcome. */
  readonly failed: readonly Marks[];
  /** Rows without the figure, below the plot. */
  readonly lanes: readonly Marks[];
  /** Of time against CPU: where more gains little. */
  readonly knees: readonly { readonly variant: number; readonly x: number }[];
  /** Where the figure is the limit itself. */
  readonly diagonal: boolean;
}

export interface PlotLine {
  readonly name: string;
  readonly variant: number;
  /** x, mean, and the band around it, which one value does not have. */
  readonly means: readonly (readonly [x: number, mean: number, low: number | null, high: number | null])[];
  readonly dots: readonly PlotDot[];
  readonly outliers: readonly PlotDot[];
}

/** `row`: place in the list of rows. */
export type PlotDot = readonly [x: number, y: number, row: number];

export interface Marks {
  readonly outcome: RowOutcome;
  readonly name: string;
  readonly dots: readonly PlotDot[];
}

export interface MinimumBar {
  readonly name: string;
  readonly variant: number;
  /** null: there is none. */
  readonly held: number | null;
  readonly failed: number | null;
}

const MIB = 2 ** 20;

/** From here on equal steps would press all but the slowest to the bottom. */
const LOG_FROM = 20;

/** The smallest point is above the edge by that factor. */
const LOG_ROOM = 1.3;

/** A wide band of few repeats may go beyond the plot; the points may not. */
const BAND_ROOM = 1.3;

export function limitPlot(report: SweepReport, figure: FigureName): LimitPlot {
  const { rows, unit } = report;
  const lines = report.variants.map((_, variant) => lineOf(report, figure, variant));
  const isFailed = (row: RowReport): boolean => row.outcome !== 'ok';
  // Of memory it is known also of what was killed: that is where it was killed. Of time and throughput it would be half a measurement.
  const placed = figure === 'peakMemoryBytes' ? rows.filter((row) => isFailed(row) && row.figures[figure] !== null) : [];
  const elsewhere = rows.filter((row) => !placed.includes(row) && (isFailed(row) || row.figures[figure] === null));
  const ys = lines.flatMap(({ dots }) => dots.map(([, y]) => y)).concat(placed.map((row) => scaled(figure, row.figures[figure]!)));
  const top = Math.max(...ys, Number.MIN_VALUE);
  const least = Math.min(...ys.filter((y) => y > 0), top);
  const log = top / least > LOG_FROM;
  const highs = lines.flatMap(({ means }) => means.map(([, , , high]) => high ?? 0));
  return {
    id: figure,
    xTitle: `${limitNames[report.limit]} limit (${unit})`,
    yTitle: yTitleOf(report, figure),
    x: extentOf(report),
    y: { min: log ? least / LOG_ROOM : 0, max: Math.min(Math.max(top * 1.05, ...highs), top * BAND_ROOM), log },
    lines,
    failed: marksOf(report, placed, (row) => scaled(figure, row.figures[figure]!)),
    lanes: marksOf(report, elsewhere, () => 0),
    knees: figure === 'timeMs' ? report.summary.variants.flatMap(({ knee }, variant) => (knee === null ? [] : [{ variant, x: knee }])) : [],
    diagonal: figure === 'peakMemoryBytes' && report.limit === 'memory',
  };
}

function yTitleOf({ load: { scenario } }: SweepReport, figure: FigureName): string {
  if (figure === 'timeMs') return scenario.kind === 'offline' ? 'time of a sample (ms)' : 'median query latency (ms)';
  return `${figureTitles[figure].title} (${figureTitles[figure].unit})`;
}

function lineOf(report: SweepReport, figure: FigureName, variant: number): PlotLine {
  const rows = report.rows.filter((row) => row.variant === variant && row.outcome === 'ok' && row.figures[figure] !== null);
  const dot = (row: RowReport): PlotDot => [row.value, scaled(figure, row.figures[figure]!), report.rows.indexOf(row)];
  const size = (value: number | null): number | null => (value === null ? null : scaled(figure, value));
  return {
    name: variantText(report, variant),
    variant,
    means: report.points.flatMap((point) => {
      const band = point.figures[figure];
      return point.variant !== variant || band === null
        ? []
        : [[point.value, scaled(figure, band.mean), size(band.low), size(band.high)] as const];
    }),
    dots: rows.map(dot),
    outliers: rows.filter(({ outlierIn }) => outlierIn.includes(figure)).map(dot),
  };
}

function marksOf({ rows: all }: SweepReport, rows: readonly RowReport[], y: (row: RowReport) => number): Marks[] {
  return rowOutcomes.flatMap((outcome) => {
    const dots = rows.flatMap((row): PlotDot[] => (row.outcome === outcome ? [[row.value, y(row), all.indexOf(row)]] : []));
    // ok, and without the figure: a device that does not tell it.
    const name = outcome === 'ok' ? 'ok, not measured' : outcomeWords(outcome);
    return dots.length === 0 ? [] : [{ outcome, name, dots }];
  });
}

function scaled(figure: FigureName, value: number): number {
  return figure === 'peakMemoryBytes' ? value / MIB : value;
}

/** From 0, unless all values are far from it; with a step that gives about eight round numbers. */
export function extentOf({ rows, limit }: Pick<SweepReport, 'rows' | 'limit'>, fromZero = false): LimitPlot['x'] {
  const values = rows.map(({ value }) => value);
  const [least, most] = [Math.min(...values, Number.MAX_VALUE), Math.max(...values, Number.MIN_VALUE)];
  const low = least > most / 2 && !fromZero ? least - (most - least) * 0.1 : 0;
  const rough = Math.max(most - low, most / 16) / 8;
  const step = limit === 'memory' ? 2 ** Math.max(0, Math.ceil(Math.log2(rough))) : roundStep(rough);
  const whole = (value: number): number => Number(value.toPrecision(12));
  // A point on the very edge would be cut in half.
  return { min: whole(Math.floor(low / step) * step), max: whole(most + step / 4), step };
}

/** 1, 2 or 5 times a power of ten, at least that. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number(([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power);
}

export function minimumBars(report: SweepReport): MinimumBar[] {
  return report.summary.variants.map(({ smallest, failedBelow }, variant) => ({
    name: variantText(report, variant),
    variant,
    held: smallest?.value ?? null,
    failed: failedBelow?.value ?? null,
  }));
}

/** Of each row. `label`: for whoever points at it. */
export function plottedRows(report: SweepReport): { readonly variant: number; readonly label: string }[] {
  return report.rows.map((row) => {
    const { timeMs, samplesPerS, peakMemoryBytes } = row.figures;
    const measured = [
      ...(timeMs === null ? [] : [figureText('timeMs', timeMs)]),
      ...(samplesPerS === null ? [] : [figureText('samplesPerS', samplesPerS)]),
      ...(peakMemoryBytes === null ? [] : [`peak ${figureText('peakMemoryBytes', peakMemoryBytes)}`]),
    ];
    return { variant: row.variant, label: `${placeText(report, row)}: ${[row.outcomeText, ...measured].join(', ')}` };
  });
}
