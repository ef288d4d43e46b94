/**
 * What only a sweep of training has to draw, as numbers: where an epoch's time goes at each limit, and how good the model becomes from epoch to epoch.
 *
 *     │▒│ checkpoint              loss │╲                 thin: each row        solid: validation
 *     │▓│ validation                   │ ╲·_              thick: median of      dashed: training
 *     │█│ steps                        │   ╲___           those that were ok
 *     320 MiB                          └──────── epoch
 */

import type { FigureName } from '../bench/row-figures.ts';
import { epochPhases } from '../bench/training-phases.ts';
import { medianOf } from '../statistics/band.ts';
import { LOG_FROM } from './limit-plot.ts';
import { outcomeMarks } from './outcome-marks.ts';
import type { PointReport, RowReport, SweepReport } from './sweep-report.ts';
import { phaseNames, shownAs, variantText } from './sweep-words.ts';

export interface PhasePlot {
  readonly xTitle: string;
  readonly yTitle: string;
  /** Limits, smallest first; several lines where there are several variants. */
  readonly bars: readonly (readonly string[])[];
  /** Of each phase as many as there are bars; null: nothing was ok there. */
  readonly phases: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export interface CurvePlot {
  readonly id: string;
  readonly title: string;
  readonly yTitle: string;
  readonly log: boolean;
  /** Where the axis ends; null: where the values do. */
  readonly max: number | null;
  readonly lines: readonly Curve[];
}

export interface Curve {
  readonly name: string;
  readonly dashed: boolean;
  readonly median: readonly CurvePoint[];
  /** Of each row that came so far, ok or not. */
  readonly rows: readonly { readonly row: number; readonly points: readonly CurvePoint[] }[];
}

/** Epoch of the stage, value. */
export type CurvePoint = readonly [epoch: number, value: number];

export function phasePlot(report: SweepReport): PhasePlot {
  const { unit, scale } = shownAs(report, 'timeMs' satisfies FigureName);
  const points = report.points.toSorted((a, b) => a.value - b.value || a.variant - b.variant);
  const several = report.variants.length > 1;
  const label = (point: PointReport): string[] => {
    const sign = point.outcomes.ok > 0 ? '' : ` ${worst(point)}`;
    return [`${point.value}${sign}`, ...(several ? variantText(report, point.variant).split(', ') : [])];
  };
  return {
    xTitle: `${report.limit === 'memory' ? 'memory' : 'CPU'} limit (${report.unit})`,
    yTitle: `time of an epoch (${unit})`,
    bars: points.map(label),
    phases: epochPhases.map((name) => ({
      name: phaseNames[name],
      values: points.map(({ phases }) => (phases === null || phases[name] === null ? null : rounded(phases[name] / scale))),
    })),
  };
}

/** Of a limit with which nothing was ok: the sign of what came of most. */
function worst({ outcomes }: PointReport): string {
  const kinds = Object.keys(outcomes) as (keyof typeof outcomes)[];
  const most = kinds.toSorted((a, b) => outcomes[b] - outcomes[a])[0]!;
  return outcomeMarks[most].sign;
}

interface Value {
  readonly id: 'loss' | 'accuracy';
  readonly title: string;
  readonly scale: number;
}

/** For each stage its loss, and its accuracy where it has one. */
export function curvePlots({ rows }: { readonly rows: readonly Pick<RowReport, 'outcome' | 'record'>[] }): CurvePlot[] {
  const trained = rows.flatMap((row, place) => {
    const epochs = row.record?.training?.epochs ?? [];
    return epochs.length === 0 ? [] : [{ place, row, epochs }];
  });
  const stages = [...new Set(trained.flatMap(({ epochs }) => epochs.map(({ stage }) => stage)))];
  const values: Value[] = [
    { id: 'loss', title: 'Loss', scale: 1 },
    { id: 'accuracy', title: 'Accuracy', scale: 0.01 },
  ];
  return stages.flatMap((stage, index) =>
    values.flatMap(({ id, title, scale }) => {
      const lines = (['train', 'validation'] as const).map((of) => curveOf(trained, stage, of, id, scale));
      const all = lines.flatMap((line) => line.rows.flatMap(({ points }) => points.map(([, value]) => value)));
      if (all.length === 0) return [];
      const least = Math.min(...all);
      return [
        {
          ...{ id: `curve-${index}-${id}`, lines, log: id === 'loss' && least > 0 && Math.max(...all) / least > LOG_FROM },
          // A point on the very edge would be cut in half.
          max: id === 'accuracy' ? 102 : null,
          title: stages.length > 1 ? `${title}, ${stage}` : title,
          yTitle: id === 'loss' ? 'mean loss of an example' : 'right (%)',
        },
      ];
    }),
  );
}

interface Trained {
  readonly place: number;
  readonly row: Pick<RowReport, 'outcome' | 'record'>;
  readonly epochs: NonNullable<NonNullable<RowReport['record']>['training']>['epochs'];
}

function curveOf(trained: readonly Trained[], stage: string, of: 'train' | 'validation', id: Value['id'], scale: number): Curve {
  const rows = trained.flatMap(({ place, row, epochs }) => {
    const points = epochs.flatMap((epoch): CurvePoint[] => {
      const value = epoch.stage === stage ? epoch[of][id] : null;
      return value === null || value === undefined ? [] : [[epoch.epoch, rounded(value / scale)]];
    });
    return points.length === 0 ? [] : [{ row: place, ok: row.outcome === 'ok', points }];
  });
  const byEpoch = new Map<number, number[]>();
  for (const [epoch, value] of rows.flatMap(({ ok, points }) => (ok ? points : []))) {
    byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), value]);
  }
  return {
    name: of === 'train' ? 'training' : 'validation',
    dashed: of === 'train',
    median: [...byEpoch].toSorted(([a], [b]) => a - b).map(([epoch, each]) => [epoch, medianOf(each)]),
    rows: rows.map(({ row, points }) => ({ row, points })),
  };
}

/** Four digits are more than a plot shows. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
