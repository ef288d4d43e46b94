/** How executions of benchmarks are spoken of, the same in the terminal and on the page. */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { duration, threeDigits } from '../text/format.ts';
import { limitsText } from './bench-text.ts';
import { momentText, shareChangeText, shownNumber, shownUnit } from './measured-text.ts';
import { OUTLIER_MARK, outcomeMarks } from './outcome-marks.ts';
import { environmentOf, type Fact } from './sweep-environment.ts';
import type { MeshFigures, MetricReport, RepeatValue, RunOfTask, RunOutcome, SubjectReport, TaskReport } from './task-report.ts';

/** In front of a value that counts in no median, because its repeat did not end well. */
export const UNCOUNTED_MARK = '✕';

const moreMarks = {
  failed: outcomeMarks.crashed,
  unfinished: outcomeMarks['not-tried'],
  gone: outcomeMarks['not-tried'],
} as const;

export function outcomeSign(outcome: RunOutcome): string {
  return outcome in moreMarks ? moreMarks[outcome as keyof typeof moreMarks].sign : outcomeMarks[outcome as keyof typeof outcomeMarks].sign;
}

/** Titles where they differ, else names: what tells subjects apart in a legend. */
export function subjectLabels({ subjects }: TaskReport): string[] {
  const titles = new Set(subjects.map(({ title }) => title));
  return subjects.map(({ name, title }) => (titles.size === subjects.length ? title : `${title} ${name}`));
}

/** The number, and what is to be known of it. */
export function repeatText({ value, counts, outlier }: RepeatValue, scale: number): string {
  const mark = outlier ? `${OUTLIER_MARK.sign} ` : counts ? '' : `${UNCOUNTED_MARK} `;
  return `${mark}${shownNumber(value, { scale })}`;
}

export function metricUnit({ metric, unit, values }: MetricReport): ReturnType<typeof shownUnit> {
  return shownUnit(
    metric,
    unit,
    values.flatMap(({ value }) => value ?? []),
  );
}

export function spreadText({ spread }: Pick<MetricReport, 'spread'>): string {
  return spread === null ? '–' : `${threeDigits(spread * 100)} %`;
}

export const betterSign = { lower: '↓', higher: '↑' } as const;

/** When it ran, what asked for it and what came of it. */
export function statusText({ task, runs }: SubjectReport): string {
  if (task === null) {
    const [run] = runs;
    const at = run?.record === null || run === undefined ? '' : `, started ${momentText(run.record.startedMs)} UTC`;
    return `benchmark run, ${run?.outcomeText ?? 'unknown'}${at}`;
  }
  const { status, error, origin, startedMs, endedMs, dueMs } = task;
  const began = startedMs === null ? `due ${momentText(dueMs)} UTC` : `started ${momentText(startedMs)} UTC`;
  const took = startedMs === null || endedMs === null ? [] : [`took ${duration(endedMs - startedMs)}`];
  const by = origin === 'hand' ? [] : [`a ${origin}`.replace('a schedule', 'by its schedule')];
  return `${[status, began, ...took, ...by].join(', ')}${error === null ? '' : `: ${error}`}`;
}

/** What was run on what: facts that differ between runs are all said. */
export function subjectFacts({ name, task, runs }: SubjectReport): Fact[] {
  const assigned = Object.entries(task?.assignment ?? {}).map(([key, value]) => `${key} ${value}`);
  const records = runs.flatMap(({ record }) => (record === null ? [] : [{ record }]));
  const limits = [...new Set(records.map(({ record }) => limitsText(withoutNulls(record.limits))))];
  const meshes = runs.flatMap(({ run, mesh }) => (mesh === null ? [] : [meshText(run, mesh)]));
  return [
    ...(task === null
      ? [['run', name] as Fact]
      : [
          ['task', name] as Fact,
          ...(task.submission === name ? [] : [['submission', task.submission] as Fact]),
          ...(assigned.length === 0 ? [] : [['of a sweep', assigned.join(', ')] as Fact]),
          ['descriptor', task.descriptor.slice(0, 12)] as Fact,
        ]),
    ...(limits.length === 0 ? [] : [['limits', limits.join('; then ')] as Fact]),
    ...(records.length === 0 ? [] : environmentOf({ rows: records })),
    ...meshes.map((text): Fact => ['mesh run', text]),
  ];
}

function meshText(run: string, { model, devices, throughputFps, latencyP50Ms, latencyP99Ms }: MeshFigures): string {
  const figures = [
    ...(throughputFps === null ? [] : [`${threeDigits(throughputFps)} frames/s`]),
    ...(latencyP50Ms === null ? [] : [`latency p50 ${threeDigits(latencyP50Ms)} ms`]),
    ...(latencyP99Ms === null ? [] : [`p99 ${threeDigits(latencyP99Ms)} ms`]),
  ];
  const on = devices.length === 0 ? '' : ` on ${devices.join(', ')}`;
  return `${model}${on}: ${figures.length === 0 ? 'nothing was measured' : figures.join(', ')}; controller show ${run} has its stages and links`;
}

/** Of a run: what its outcome alone does not say. */
export function runNotes({ outcome, outcomeText, record }: RunOfTask): string[] {
  return [
    ...(outcome === 'refused' || outcome === 'crashed' || outcome === 'failed' ? [outcomeText] : []),
    ...(record?.load?.invalid ?? []).map((why) => `no valid run: ${why}`),
    ...(record?.load?.warmUp.steady === false ? ['not steady after warm-up'] : []),
    ...((record?.training?.resumedAt ?? 0) > 0 ? [`resumed after ${record!.training!.resumedAt} epochs`] : []),
    ...(record?.warnings ?? []),
  ];
}

export interface Compared {
  readonly metric: string;
  readonly better: MetricReport['better'];
  readonly unit: string;
  readonly scale: number;
  /** One for each subject. */
  readonly medians: readonly (number | null)[];
  /** Against the first subject: `+12 %`. */
  readonly changes: readonly string[];
}

/** Metrics of several, beside each other. A metric of another unit is another one. */
export function comparedMetrics({ subjects }: TaskReport): Compared[] {
  const all = subjects.flatMap(({ metrics }) => metrics);
  return [...Map.groupBy(all, ({ metric, unit }) => JSON.stringify([metric, unit])).values()].map(([first, ...more]) => {
    const { metric, unit, better } = first!;
    const medians = subjects.map(({ metrics }) => metrics.find((each) => each.metric === metric && each.unit === unit)?.median ?? null);
    const base = medians[0] ?? null;
    const values = [first!, ...more].flatMap((each) => each.values);
    const shown = shownUnit(
      metric,
      unit,
      values.flatMap(({ value }) => value ?? []),
    );
    const changes = medians.map((median, index) =>
      index === 0 || median === null || base === null || base === 0 ? '' : shareChangeText((median - base) / Math.abs(base)),
    );
    return { metric, better, ...shown, medians, changes };
  });
}

function withoutNulls(limits: object): BenchLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null)) as BenchLimits;
}
