/** How histories are spoken of, the same in the terminal and on the page. */
import { threeDigits } from '../text/format.ts';
import { alarmMarks } from './history-alarms.ts';
import { CHANGES_FROM, type HistoryReport, type LevelChange, type PointOfHistory, type SeriesReport } from './history-report.ts';
import { momentText, type ShownUnit, shareChangeText, shownText, shownUnit } from './measured-text.ts';
import { OUTLIER_MARK } from './outcome-marks.ts';

export const CHANGE_SIGN = '│';

export function seriesUnit({ metric, unit, points }: SeriesReport): ShownUnit {
  return shownUnit(
    metric,
    unit,
    points.map(({ value }) => value),
  );
}

/** What it is of, without what all of them are of. */
export function seriesTitle(report: HistoryReport, { benchmark, metric, device, runtime, limits }: SeriesReport): string {
  const of = report.benchmarks.length > 1 ? `${benchmark}: ` : '';
  const under = commonText(report) === undefined ? underOf({ runtime, limits }) : [];
  return `${of}${metric} on ${[device, ...under].join(', ')}`;
}

/** Runtime and limits, when all series have the same. */
export function commonText({ series }: HistoryReport): string | undefined {
  const all = new Set(series.map((each) => underOf(each).join(', ')));
  return all.size === 1 ? [...all][0] : undefined;
}

function underOf({ runtime, limits }: Pick<SeriesReport, 'runtime' | 'limits'>): string[] {
  return [runtime === '' ? [] : `ONNX Runtime ${runtime}`, limits === '' ? [] : limits].flat();
}

export function historyTitle({ name, metric, device, benchmarks }: HistoryReport): string {
  const of = benchmarks.length === 1 ? benchmarks[0] : `${name}…`;
  return `${of}: ${metric ?? 'history'}${device === null ? '' : ` on ${device}`}`;
}

/** `task 20261123-070000-ab12: 21.3 → 24.1 ms (× 1.13, p 2e-7), for the worse`. */
export function levelChangeText({ task, before, after, ratio, p, worse }: LevelChange, shown: ShownUnit): string {
  const factor = ratio === null ? '' : `× ${threeDigits(ratio)}, `;
  const from = shownText(before, { ...shown, unit: '' });
  return `from ${task} on ${from} → ${shownText(after, shown)} (${factor}${pText(p)}), for the ${worse ? 'worse' : 'better'}`;
}

/** Below it, p is what is left over in sums of doubles. */
const P_LEAST = 1e-15;

export function pText(p: number): string {
  return p < P_LEAST ? 'p < 1e-15' : `p ${p < 0.001 ? p.toExponential(0) : threeDigits(p)}`;
}

/** What was found of a series, in sentences. */
export function seriesFindings(series: SeriesReport): string[] {
  const { points, changes, alarms, better } = series;
  const shown = seriesUnit(series);
  const last = points.at(-1);
  if (last === undefined) return ['no run yet'];
  const outliers = points.filter(({ outlier }) => outlier).length;
  const few =
    points.length < CHANGES_FROM
      ? [`${points.length} ${points.length === 1 ? 'run' : 'runs'}: change points are looked for from ${CHANGES_FROM} on`]
      : [];
  const steady = points.length >= CHANGES_FROM && changes.length === 0 ? [`no change of level in ${points.length} runs`] : [];
  return [
    `last ${shownText(last.value, shown)}${last.change === null ? '' : `, ${shareChangeText(last.change)} against the runs before it`}; ${better} is better`,
    ...few,
    ...steady,
    ...changes.map((change) => `level: ${levelChangeText(change, shown)}`),
    ...alarms.map(({ state, text }) => `${alarmMarks[state].sign} ${text}`),
    ...(outliers > 0
      ? [`${outliers} ${outliers === 1 ? 'run lies far from its' : 'runs lie far from their'} level (${OUTLIER_MARK.sign})`]
      : []),
  ];
}

/** What a row of its table is marked with. */
export function marksOf({ changes, alarms }: SeriesReport, { outlier, repeats }: PointOfHistory, index: number): string[] {
  const odd = repeats.filter((repeat) => repeat.outlier).length;
  const change = changes.find((each) => each.index === index);
  return [
    ...(change === undefined
      ? []
      : [`${CHANGE_SIGN} new level, ${change.ratio === null ? '' : `× ${threeDigits(change.ratio)}, `}${pText(change.p)}`]),
    ...alarms.filter((alarm) => alarm.index === index).map(({ state, text }) => `${alarmMarks[state].sign} ${text}`),
    ...(outlier ? [`${OUTLIER_MARK.sign} outlier`] : []),
    ...(odd > 0 ? [`${OUTLIER_MARK.sign} ${odd} of its ${repeats.length} repeats`] : []),
  ];
}

/** `2026-11-23 07:00` of each task that has none. */
export function withoutText({ task, atMs, status, origin, error }: HistoryReport['without'][number]): string {
  const why = error ?? (origin === 'confirmation' ? 'a confirmation adds nothing to histories' : '');
  return `${momentText(atMs)} ${task} ${status}${why === '' ? '' : `: ${why}`}`;
}
