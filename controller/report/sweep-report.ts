/**
 * A sweep as programs read it: `controller report --sweep ID --json`, docs/schema/sweep.schema.json. Text, CSV and page are made of the same.
 *
 *     sweep + rows ──▶ rows: each one, whatever came of it      points: repeats of one value together      summary: what follows
 *
 * null: not known, or not measured. Times are milliseconds, sizes bytes; the limit is in `unit`.
 */
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { type UseName, useNames } from '../../mesh/bench/use.ts';
import type { LoadSettings } from '../../mesh/loadgen/scenario.ts';
import type { OutcomeCounts, RowOutcome } from '../bench/row-figures.ts';
import {
  byValue,
  countOutcomes,
  type FigureName,
  figureNames,
  figures,
  isVariant,
  okRows,
  outcomeOf,
  valuesOf,
} from '../bench/row-figures.ts';
import { type SweepSummary, summaryOf } from '../bench/summary.ts';
import type { Sweep, SweepRow, SweepSpec, SweepStatus, SweepVariant, SweepWorkload } from '../bench/sweep.ts';
import { phasesOf, type TrainingPhases } from '../bench/training-phases.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import { type Band, bandOf } from '../statistics/band.ts';
import { outliersOf } from '../statistics/outliers.ts';
import { type Nulled, nulled } from './nulled.ts';

export interface SweepReport {
  readonly sweep: string;
  readonly startedMs: number;
  readonly status: SweepStatus;
  readonly error: string | null;
  /** What it has in common with other sweeps; null: it stands alone. */
  readonly study: string | null;
  readonly mode: SweepWorkload['mode'];
  readonly model: string;
  readonly device: string;
  readonly limit: SweepSpec['limit'];
  readonly unit: 'MiB' | 'cores';
  readonly search: SweepSpec['search'];
  readonly variants: readonly Nulled<SweepVariant>[];
  readonly limits: SweepSpec['limits'];
  /** Of inference: the training whose best model it was; null: the model as it is. */
  readonly trained: string | null;
  /** Of inference. */
  readonly load: LoadSettings | null;
  /** Of training. */
  readonly training: Nulled<TrainingSpec> | null;
  readonly threads: number;
  readonly seed: number;
  readonly deadlineMs: number;
  readonly besideStages: boolean;
  readonly summary: Nulled<SweepSummary>;
  readonly points: readonly PointReport[];
  readonly rows: readonly RowReport[];
}

export type Figures<T> = { readonly [name in FigureName]: T };

/** The repeats of one value in one variant. */
export interface PointReport {
  /** Place in `variants`. */
  readonly variant: number;
  readonly value: number;
  readonly outcomes: OutcomeCounts;
  /** Of those that were ok; null: of none is it known. */
  readonly figures: Figures<Nulled<Band> | null>;
  /** Medians of those that were ok; null: of none is it known. */
  readonly phases: Nulled<TrainingPhases> | null;
}

export interface RowReport {
  readonly row: number;
  readonly value: number;
  readonly variant: number;
  readonly repeat: number;
  readonly outcome: RowOutcome;
  /** For a person: with the signal, or why it was refused. */
  readonly outcomeText: string;
  readonly figures: Figures<number | null>;
  /** Of training; null: of inference, or no epoch of the last stage was completed. */
  readonly phases: Nulled<TrainingPhases> | null;
  /** Figures that lie far from the other repeats; they count all the same. */
  readonly outlierIn: readonly FigureName[];
  /** All that was kept of it but the series of samples; null: not tried. */
  readonly record: RecordReport | null;
}

export interface RecordReport extends Nulled<Omit<BenchRecord, 'series' | 'use' | 'metrics' | 'metricsLost'>> {
  readonly use: { readonly [name in UseName]: number | null };
}

export function sweepReportOf(sweep: Sweep, rows: readonly SweepRow[]): SweepReport {
  const { workload, search, variants, limits, deadlineMs, besideStages, device, limit } = sweep.spec;
  const { mode, model } = workload;
  const { threads, seed } = mode === 'infer' ? workload : workload.training;
  const outliers = outliersOfRows(variants, rows);
  return {
    ...{ sweep: sweep.sweep, startedMs: sweep.startedMs, status: sweep.status, error: sweep.error ?? null },
    study: sweep.spec.study ?? null,
    ...{ mode, model, device, limit, unit: limit === 'memory' ? 'MiB' : 'cores', search },
    variants: variants.map(({ pageCache, swapBytes }) => ({ pageCache, swapBytes: swapBytes ?? null })),
    trained: mode === 'infer' ? (workload.trained ?? null) : null,
    load: mode === 'infer' ? workload.load : null,
    training: mode === 'infer' ? null : nulled(workload.training),
    ...{ limits, threads, seed, deadlineMs, besideStages },
    summary: nulled(summaryOf(sweep, rows)),
    points: variants.flatMap((variant, index) =>
      pointsOf(
        rows.filter((row) => isVariant(row, variant)),
        index,
      ),
    ),
    rows: rows.map((row) => rowReport(row, variants, outliers.get(row.row) ?? [])),
  };
}

function pointsOf(rows: readonly SweepRow[], variant: number): PointReport[] {
  return [...byValue(rows)].map(([value, repeats]) => ({
    variant,
    value,
    outcomes: countOutcomes(repeats),
    figures: eachFigure((figure) => {
      const band = bandOf(valuesOf(repeats, figure));
      return band === undefined ? null : { ...band, low: band.low ?? null, high: band.high ?? null };
    }),
    phases: medianPhases(okRows(repeats).flatMap(({ record }) => phasesOf(record) ?? [])),
  }));
}

function medianPhases(all: readonly TrainingPhases[]): Nulled<TrainingPhases> | null {
  if (all.length === 0) return null;
  const names = Object.keys(all[0]!) as (keyof TrainingPhases)[];
  const medians = names.map((name) => [name, bandOf(all.flatMap((phases) => phases[name] ?? []))?.median ?? null]);
  return Object.fromEntries(medians) as Nulled<TrainingPhases>;
}

/** By number of the row. Each figure is compared within the repeats of one value and variant that were ok. */
function outliersOfRows(variants: readonly SweepVariant[], rows: readonly SweepRow[]): ReadonlyMap<number, readonly FigureName[]> {
  const found = new Map<number, FigureName[]>();
  for (const variant of variants) {
    for (const repeats of byValue(rows.filter((row) => isVariant(row, variant))).values()) {
      for (const figure of figureNames) {
        const measured = okRows(repeats).filter(({ record }) => figures[figure](record) !== undefined);
        const marks = outliersOf(valuesOf(measured, figure));
        for (const [at, { row }] of measured.entries()) if (marks[at]) found.set(row, [...(found.get(row) ?? []), figure]);
      }
    }
  }
  return found;
}

function rowReport(row: SweepRow, variants: readonly SweepVariant[], outlierIn: readonly FigureName[]): RowReport {
  const { record } = row;
  return {
    ...{ row: row.row, value: row.value, variant: variants.findIndex((variant) => isVariant(row, variant)), repeat: row.repeat },
    outcome: outcomeOf(row),
    outcomeText: record === undefined ? 'not tried' : outcomeText(record),
    figures: eachFigure((figure) => (record === undefined ? null : (figures[figure](record) ?? null))),
    phases: record === undefined ? null : nulled(phasesOf(record) ?? null),
    outlierIn,
    record: record === undefined ? null : recordReport(record),
  };
}

/** For a person: with the signal, or why it was refused. */
export function outcomeText({ outcome }: BenchRecord): string {
  return outcome.kind === 'refused' && outcome.why !== '' ? `refused: ${outcome.why}` : formatOutcome(outcome);
}

/** All of it but its series of samples and what a program said of itself. */
export function recordReport({ series: _, metrics: __, metricsLost: ___, use, ...kept }: BenchRecord): RecordReport {
  const all = Object.fromEntries(useNames.map((name) => [name, use[name] ?? null]));
  return { ...nulled(kept), use: all as RecordReport['use'] };
}

function eachFigure<T>(of: (figure: FigureName) => T): Figures<T> {
  return Object.fromEntries(figureNames.map((figure) => [figure, of(figure)])) as Figures<T>;
}
