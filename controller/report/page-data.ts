/**
 * What the page of a sweep, or of several, carries, as JSON, and what its script uses of a browser. The script's functions are those of the files page-*.ts: the page has
 * their source, so that each uses nothing but its arguments and what a browser has.
 *
 *     plot-page.ts ── PageData, source of the functions ──▶ page: drawPage ──▶ configurations ──▶ Chart.js ──▶ canvases
 */
import type { LimitPlot, Marks } from './limit-plot.ts';
import type { MinimumBar } from './minimum-bars.ts';
import type { OutcomeMark } from './outcome-marks.ts';
import type { Extent } from './plot-extent.ts';
import type { RowSeries } from './row-series.ts';
import type { CurvePlot, PhasePlot } from './training-plots.ts';

export interface PageData {
  readonly unit: string;
  readonly plots: readonly LimitPlot[];
  /** One for each variant. */
  readonly bars: readonly MinimumBar[];
  readonly barsX: Extent;
  /** Of training. */
  readonly phases: PhasePlot | null;
  readonly curves: readonly CurvePlot[];
  readonly series: readonly RowSeries[];
  /** In the order of the report's rows. */
  readonly rows: readonly { readonly variant: number; readonly label: string }[];
  readonly marks: Readonly<Record<Marks['outcome'], OutcomeMark>>;
  readonly outlier: { readonly point: string };
}

/** What is used of Chart.js. */
export interface ChartLibrary {
  new (canvas: unknown, config: object): { destroy(): void };
  readonly defaults: {
    color: string;
    borderColor: string;
    animation: boolean;
    maintainAspectRatio: boolean;
    readonly font: { family: string; size: number };
  };
}

/** What is used of a browser. */
export interface Browser {
  readonly document: { getElementById(id: string): PageElement | null };
  matchMedia(query: string): { readonly matches: boolean; addEventListener(kind: 'change', listener: () => void): void };
}

/** Of pages that draw themselves again for paper. */
export interface PrintingBrowser extends Browser {
  addEventListener(kind: 'beforeprint' | 'afterprint', listener: () => void): void;
}

interface PageElement {
  readonly value?: string;
  addEventListener(kind: 'change', listener: () => void): void;
}
