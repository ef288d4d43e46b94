/** What the page of an evaluation draws, as plain data: an overview of all results, and for each a closer view. */
import type { EvaluationReport, Result, SplitReport } from '../profiler/evaluation/evaluation-report.ts';
import { type JudgedKind, judgedKinds } from '../profiler/evaluation/identity.ts';
import { resultName } from './evaluation-words.ts';
import { roundStep } from './plot-extent.ts';

export interface EvaluationPlots {
  readonly devices: readonly string[];
  readonly errors: readonly ErrorPlot[];
  readonly coverage: readonly CoverageBar[];
  readonly views: readonly ResultView[];
}

/** MAPE in percent of each result, with its baselines'. Null: there is none. */
export interface ErrorPlot {
  readonly id: string;
  readonly kind: JudgedKind;
  readonly names: readonly string[];
  readonly profiler: readonly (number | null)[];
  readonly macs: readonly (number | null)[];
  readonly average: readonly (number | null)[];
  readonly floor: number | null;
}

export interface CoverageBar {
  readonly name: string;
  readonly kind: JudgedKind;
  /** Percent inside of their interval. */
  readonly inside: number;
}

export interface ResultView {
  readonly label: string;
  /** ms measured, ms predicted, place of the device, what it is. */
  readonly points: readonly (readonly [number, number, number, string])[];
  /** Both axes of the points. */
  readonly extent: { readonly min: number; readonly max: number };
  readonly histogram: readonly Bin[];
  /** Percent. */
  readonly folds: readonly { readonly name: string; readonly mape: number; readonly count: number }[];
  readonly mape: number;
  readonly importance: readonly { readonly name: string; readonly share: number }[];
}

export interface Bin {
  /** `+5 %`: predicted ÷ measured in its middle. */
  readonly name: string;
  readonly count: number;
}

const IMPORTANCE_MAX = 12;

export function evaluationPlots(report: EvaluationReport): EvaluationPlots {
  const all = report.splits.flatMap((split) => split.results.map((result) => ({ split, result })));
  return {
    devices: report.samples.devices,
    errors: judgedKinds.flatMap((kind) => {
      const own = all.filter(({ result }) => result.kind === kind);
      return own.length === 0 ? [] : [errorPlot(report, kind, own)];
    }),
    coverage: all.flatMap(({ split, result: { kind, timings, coverage } }) =>
      typeof coverage?.inside === 'number' ? [{ name: resultName(split, { timings }), kind, inside: 100 * coverage.inside }] : [],
    ),
    views: all.flatMap(({ split, result }) => (result.accuracy === null ? [] : [viewOf(split, result, result.accuracy.mape)])),
  };
}

interface Named {
  readonly split: SplitReport;
  readonly result: Result;
}

function errorPlot({ noiseFloor }: EvaluationReport, kind: JudgedKind, own: readonly Named[]): ErrorPlot {
  const percent = (accuracy: Result['accuracy']): number | null => (accuracy === null ? null : 100 * accuracy.mape);
  const floor = noiseFloor[kind];
  return {
    ...{ id: `errors-${kind}`, kind, names: own.map(({ split, result }) => resultName(split, result)) },
    profiler: own.map(({ result }) => percent(result.accuracy)),
    macs: own.map(({ result }) => percent(result.baselines.macs.accuracy)),
    average: own.map(({ result }) => percent(result.baselines.average.accuracy)),
    floor: floor === null ? null : 100 * floor.mape,
  };
}

function viewOf(split: SplitReport, result: Result, mape: number): ResultView {
  const times = result.points.flatMap(({ measured, predicted }) => [measured, predicted]);
  const most = times.reduce((max, each) => Math.max(max, each), 0);
  const least = times.reduce((min, each) => Math.min(min, each), most);
  return {
    label: `${resultName(split, result)}: ${result.kind === 'models' ? 'whole models' : 'parts'}`,
    points: result.points.map(({ measured, predicted, device, what }) => [measured, predicted, device, what]),
    extent: { min: 1 / roundStep(1 / least), max: roundStep(most) },
    histogram: histogramOf(result.points.map(({ measured, predicted }) => Math.log(predicted / measured))),
    folds: result.folds.map(({ name, mape: own, count }) => ({ name, mape: 100 * own, count })),
    mape: 100 * mape,
    importance: split.importance.slice(0, IMPORTANCE_MAX).map(({ name, share }) => ({ name, share: 100 * share })),
  };
}

/** On each side of the one in the middle; those at the ends have all beyond. */
const BINS = 16;
/** Of the logarithm: the ends are about half and twice the time. */
const BIN_WIDTH = 0.044;

function histogramOf(errors: readonly number[]): Bin[] {
  const counts = new Array<number>(2 * BINS + 1).fill(0);
  for (const error of errors) counts[Math.max(-BINS, Math.min(BINS, Math.round(error / BIN_WIDTH))) + BINS]! += 1;
  return counts.map((count, index) => {
    const percent = Math.round(100 * (Math.exp((index - BINS) * BIN_WIDTH) - 1));
    const end = Math.abs(index - BINS) === BINS ? (percent < 0 ? '≤ ' : '≥ ') : '';
    return { name: `${end}${percent > 0 ? '+' : ''}${percent} %`, count };
  });
}
