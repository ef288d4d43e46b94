/**
 * Several sweeps beside each other: models, and of each its training and its inference. A line is what is compared; it has one colour everywhere.
 *
 *     sweeps × variants ──▶ line mlp1d   train: trains with 112 MiB, 0.9 s an epoch, 97.5 % right     infer: infers with 64 MiB, 0.1 ms
 *                           line cnn1d   train: …                                                     infer: none was measured
 *
 * Nothing is concluded here that a sweep's own summary does not say. null: not known, or not measured.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Sweep, SweepRow } from '../bench/sweep.ts';
import { type SweepReport, sweepReportOf } from './sweep-report.ts';
import { limitNames, variantText } from './sweep-words.ts';

export interface StudyReport {
  /** What all of them were begun as; null: they were chosen one by one. */
  readonly study: string | null;
  /** Of the first. */
  readonly startedMs: number;
  readonly limit: SweepReport['limit'];
  readonly unit: SweepReport['unit'];
  readonly devices: readonly string[];
  /** In the order the sweeps were begun. */
  readonly lines: readonly StudyLine[];
  readonly sweeps: readonly SweepReport[];
}

export interface StudyLine {
  /** The model, and what tells it from the others where they differ: variant, device, sweep. */
  readonly name: string;
  readonly model: string;
  readonly train: StudyEnd | null;
  readonly infer: StudyEnd | null;
}

type VariantReport = SweepReport['summary']['variants'][number];

/** Of one sweep in one variant. */
export interface StudyEnd extends Pick<VariantReport, 'smallest' | 'soFar' | 'failedBelow' | 'unknownBetween' | 'knee' | 'peakAtLargest'> {
  /** Places in `sweeps` and in its `variants`. */
  readonly sweep: number;
  readonly variant: number;
  /** Median at the largest limit of which it is known: where the limit presses least. */
  readonly timeAtLargest: { readonly value: number; readonly ms: number } | null;
  /** Of all rows that were ok. */
  readonly accuracy: number | null;
}

export interface StoredSweep {
  readonly sweep: Sweep;
  readonly rows: readonly SweepRow[];
}

/** Of at least one. Error `usage` when they change different limits. */
export function studyReportOf(stored: readonly StoredSweep[]): StudyReport {
  const sweeps = stored.map(({ sweep, rows }) => sweepReportOf(sweep, rows)).toSorted((a, b) => a.startedMs - b.startedMs);
  const first = sweeps[0]!;
  const other = sweeps.find(({ limit }) => limit !== first.limit);
  if (other !== undefined) {
    const said = [first, other].map(({ sweep, limit }) => `${sweep} changes ${limitNames[limit]}`);
    throw new MeshError('usage', `sweeps of different limits have no axis in common: ${said.join(', ')}`, {
      hint: 'name sweeps of the same limit; controller bench list lists them',
    });
  }
  const { study, limit, unit } = first;
  return {
    study: sweeps.every((each) => each.study === study) ? study : null,
    ...{ startedMs: first.startedMs, limit, unit, devices: devicesOf(sweeps) },
    ...{ lines: linesOf(sweeps), sweeps },
  };
}

/** A training and an inference of the same name are one line; a second of the same kind is another, with the name of its sweep. */
function linesOf(sweeps: readonly SweepReport[]): StudyLine[] {
  const variants = new Set(sweeps.flatMap((report) => report.variants.map((_, variant) => variantText(report, variant))));
  const devices = devicesOf(sweeps);
  const called = (report: SweepReport, variant: number): string =>
    [
      report.model,
      ...(variants.size > 1 ? [variantText(report, variant)] : []),
      ...(devices.length > 1 ? [report.device || 'device unknown'] : []),
    ].join(', ');
  const lines: { readonly base: string; line: StudyLine }[] = [];
  for (const [index, report] of sweeps.entries()) {
    const { model, mode, sweep } = report;
    for (const variant of report.variants.keys()) {
      const base = called(report, variant);
      const end = endOf(report, index, variant);
      const same = lines.filter((each) => each.base === base);
      const free = same.find(({ line }) => line[mode] === null);
      if (free !== undefined) free.line = { ...free.line, [mode]: end };
      else {
        const name = same.length === 0 ? base : `${base}, sweep ${sweep}`;
        lines.push({ base, line: { name, model, train: null, infer: null, [mode]: end } });
      }
    }
  }
  return lines.map(({ line }) => line);
}

/** Without that of a sweep that never began, which nobody knows. */
function devicesOf(sweeps: readonly SweepReport[]): string[] {
  return [...new Set(sweeps.flatMap(({ device }) => device || []))];
}

function endOf(report: SweepReport, sweep: number, variant: number): StudyEnd {
  const { smallest, soFar, failedBelow, unknownBetween, knee, peakAtLargest } = report.summary.variants[variant]!;
  const timed = report.points.findLast((point) => point.variant === variant && point.figures.timeMs !== null);
  const accuracies = report.rows.flatMap((row) => (row.variant === variant && row.outcome === 'ok' ? (row.figures.accuracy ?? []) : []));
  return {
    ...{ sweep, variant, smallest, soFar, failedBelow, unknownBetween, knee, peakAtLargest },
    timeAtLargest: timed === undefined ? null : { value: timed.value, ms: timed.figures.timeMs!.median },
    accuracy: accuracies.length === 0 ? null : Math.max(...accuracies),
  };
}
