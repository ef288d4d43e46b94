/**
 * What is to be drawn of a figure against the limit, as numbers: lines, bands, points, marks. How it looks is the page's business (page-limit.ts).
 *
 *     time │ ·                      dots: each repeat that was ok; ◇ around an outlier
 *          │ ●╲_                    line and band: mean and its 90 % band
 *          │    ╲●____●
 *          ├───────────── limit
 *     OOM  │ ✕                      lanes: everything else that came of a row, and what was never tried
 *
 * A line is a variant of one sweep, or a model of several.
 */
import { type FigureName, type RowOutcome, rowOutcomes } from '../bench/row-figures.ts';
import type { Extent } from './plot-extent.ts';
import type { PointReport, RowReport, SweepReport } from './sweep-report.ts';
import { limitNames, outcomeWords, type Shown } from './sweep-words.ts';

/** `variant`, here and below: which of the lines. */
export interface PlotSource {
  readonly id: string;
  readonly figure: FigureName;
  readonly shown: Shown;
  readonly limit: SweepReport['limit'];
  readonly yTitle: string;
  readonly x: Extent;
  readonly lines: readonly { readonly name: string; readonly variant: number; readonly knee: number | null }[];
  readonly points: readonly Pick<PointReport, 'variant' | 'value' | 'figures'>[];
  readonly rows: readonly PlottedRow[];
}

export interface PlottedRow extends Pick<RowReport, 'value' | 'variant' | 'outcome' | 'figures' | 'outlierIn'> {
  /** In the page's list of rows. */
  readonly place: number;
}

export interface LimitPlot {
  readonly id: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly x: Extent;
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

/** From here on equal steps would press all but the slowest to the bottom. */
export const LOG_FROM = 20;

/** The smallest point is above the edge by that factor. */
const LOG_ROOM = 1.3;

/** A wide band of few repeats may go beyond the plot; the points may not. */
const BAND_ROOM = 1.3;

export function limitPlot(source: PlotSource): LimitPlot {
  const { id, figure, shown, rows, limit, x } = source;
  const lines = source.lines.map((line) => lineOf(source, line));
  const isFailed = (row: PlottedRow): boolean => row.outcome !== 'ok';
  const y = (row: PlottedRow): number => row.figures[figure]! / shown.scale;
  // Of memory it is known also of what was killed: that is where it was killed. Of the others it would be half a measurement.
  const placed = figure === 'peakMemoryBytes' ? rows.filter((row) => isFailed(row) && row.figures[figure] !== null) : [];
  const elsewhere = rows.filter((row) => !placed.includes(row) && (isFailed(row) || row.figures[figure] === null));
  const ys = lines.flatMap(({ dots }) => dots.map(([, value]) => value)).concat(placed.map(y));
  const highs = lines.flatMap(({ means }) => means.map(([, , , high]) => high ?? 0));
  return {
    ...{ id, xTitle: `${limitNames[limit]} limit (${limit === 'memory' ? 'MiB' : 'cores'})`, yTitle: source.yTitle, x, lines },
    y: figure === 'accuracy' ? shareAxis(ys) : axisOf(ys, highs),
    failed: marksOf(placed, y),
    lanes: marksOf(elsewhere, () => 0),
    knees: figure === 'timeMs' ? source.lines.flatMap(({ variant, knee }) => (knee === null ? [] : [{ variant, x: knee }])) : [],
    diagonal: figure === 'peakMemoryBytes' && limit === 'memory',
  };
}

function axisOf(ys: readonly number[], highs: readonly number[]): LimitPlot['y'] {
  const top = Math.max(...ys, Number.MIN_VALUE);
  const least = Math.min(...ys.filter((value) => value > 0), top);
  const log = top / least > LOG_FROM;
  return { min: log ? least / LOG_ROOM : 0, max: Math.min(Math.max(top * 1.05, ...highs), top * BAND_ROOM), log };
}

/** Per cent. Where all of them are good, only the upper part: between 96 and 98 there is much to see. */
function shareAxis(ys: readonly number[]): LimitPlot['y'] {
  const least = Math.min(...ys, 100);
  return { min: least < 60 || ys.length === 0 ? 0 : Math.floor((least - 5) / 10) * 10, max: 101, log: false };
}

function lineOf({ figure, shown, points, rows: all }: PlotSource, { name, variant }: PlotSource['lines'][number]): PlotLine {
  const rows = all.filter((row) => row.variant === variant && row.outcome === 'ok' && row.figures[figure] !== null);
  const dot = (row: PlottedRow): PlotDot => [row.value, row.figures[figure]! / shown.scale, row.place];
  const size = (value: number | null): number | null => (value === null ? null : value / shown.scale);
  return {
    name,
    variant,
    means: points.flatMap((point) => {
      const band = point.figures[figure];
      return point.variant !== variant || band === null
        ? []
        : [[point.value, band.mean / shown.scale, size(band.low), size(band.high)] as const];
    }),
    dots: rows.map(dot),
    outliers: rows.filter(({ outlierIn }) => outlierIn.includes(figure)).map(dot),
  };
}

function marksOf(rows: readonly PlottedRow[], y: (row: PlottedRow) => number): Marks[] {
  return rowOutcomes.flatMap((outcome) => {
    const dots = rows.flatMap((row): PlotDot[] => (row.outcome === outcome ? [[row.value, y(row), row.place]] : []));
    // ok, and without the figure: a device that does not tell it.
    const name = outcome === 'ok' ? 'ok, not measured' : outcomeWords(outcome);
    return dots.length === 0 ? [] : [{ outcome, name, dots }];
  });
}
