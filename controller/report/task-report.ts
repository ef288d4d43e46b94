/**
 * Executions of benchmarks as programs read them: `controller report ID… --json`, docs/schema/task.schema.json. Text, tables and page are made of the same.
 *
 *     task + points + runs ──▶ metrics: median, each repeat, outliers marked        runs: each one, whatever came of it
 *
 * A repeat that did not end well has its values where it came so far, and they count in no median. null: not known, or not measured.
 */
import type { Outcome } from '../../mesh/bench/outcome.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import type { Better } from '../history/compare.ts';
import { medianOf } from '../statistics/band.ts';
import { outliersOf } from '../statistics/outliers.ts';
import { type MeasuredMetric, metricsOf } from '../task/metrics-of.ts';
import { pipelineMetrics } from '../task/pipeline-metrics.ts';
import type { Point, Task, TaskRun } from '../task/task.ts';
import { together } from '../task/together.ts';
import type { RunReport } from './run-report.ts';
import { outcomeText, type RecordReport, recordReport } from './sweep-report.ts';

/** What is to be shown: a task with its runs; or a benchmark run that belongs to none, which is then its only one. */
export interface Subject {
  /** Of the task, or of the run. */
  readonly name: string;
  /** Of a task its benchmark, of a run what ran. */
  readonly title: string;
  readonly task: Task | undefined;
  readonly points: readonly Point[];
  readonly runs: readonly SubjectRun[];
}

export interface SubjectRun extends TaskRun {
  /** Of a benchmark run; undefined: it is no longer there. */
  readonly record: BenchRecord | undefined;
  /** Of a run of a mesh. */
  readonly mesh: MeshRun | undefined;
}

export interface MeshRun {
  readonly model: string;
  readonly status: 'unfinished' | 'done' | 'failed' | 'cancelled';
  readonly error: string | undefined;
  readonly report: RunReport | undefined;
}

export interface TaskReport {
  readonly subjects: readonly SubjectReport[];
}

export interface SubjectReport {
  readonly name: string;
  readonly title: string;
  /** null: a benchmark run that belongs to no task. */
  readonly task: TaskFacts | null;
  readonly metrics: readonly MetricReport[];
  readonly runs: readonly RunOfTask[];
}

export interface TaskFacts {
  readonly submission: string;
  readonly benchmark: string;
  readonly descriptor: string;
  readonly assignment: Task['assignment'];
  readonly origin: Task['origin'];
  readonly dueMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly status: Task['status'];
  readonly error: string | null;
}

export interface MetricReport {
  readonly metric: string;
  readonly unit: string;
  readonly better: Better;
  /** Of the repeats that count; null: of none. As are all of these. */
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** (high − low) ÷ |median|; null: of fewer than two. */
  readonly spread: number | null;
  /** One for each repeat. */
  readonly values: readonly RepeatValue[];
}

export interface RepeatValue {
  readonly repeat: number;
  /** null: it did not come so far. */
  readonly value: number | null;
  /** Its repeat ended well. */
  readonly counts: boolean;
  /** Far from the other repeats; it counts all the same. */
  readonly outlier: boolean;
}

/** `gone`: what was measured is no longer stored. `failed`, `unfinished`: of runs of a mesh. */
export type RunOutcome = Outcome['kind'] | 'failed' | 'unfinished' | 'gone';

export interface RunOfTask {
  readonly repeat: number;
  readonly rank: number;
  readonly kind: TaskRun['kind'];
  /** controller bench show RUN, or controller show RUN, has more of it. */
  readonly run: string;
  readonly outcome: RunOutcome;
  /** For a person: with the signal, or why it was refused. */
  readonly outcomeText: string;
  readonly record: RecordReport | null;
  readonly mesh: MeshFigures | null;
}

/** Of a run of a mesh what its own report (docs/schema/run.schema.json) says in short. */
export interface MeshFigures {
  readonly model: string;
  readonly devices: readonly string[];
  readonly frames: number | null;
  readonly throughputFps: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
}

export function taskReportOf(subjects: readonly Subject[]): TaskReport {
  return { subjects: subjects.map(subjectReport) };
}

function subjectReport({ name, title, task, points, runs }: Subject): SubjectReport {
  return {
    ...{ name, title },
    task: task === undefined ? null : taskFacts(task),
    metrics: metricReports(runs, points),
    runs: runs.map(runReport),
  };
}

function taskFacts({ submission, benchmark, descriptor, assignment, origin, dueMs, startedMs, endedMs, status, error }: Task): TaskFacts {
  const times = { dueMs, startedMs: startedMs ?? null, endedMs: endedMs ?? null };
  return { submission, benchmark, descriptor, assignment, origin, ...times, status, error: error ?? null };
}

interface Repeat {
  readonly repeat: number;
  readonly ok: boolean;
  readonly metrics: readonly MeasuredMetric[];
}

/** In the order of the first repeat that has them. */
function metricReports(runs: readonly SubjectRun[], points: readonly Point[]): MetricReport[] {
  const declared = points.map(({ series, unit, better }) => ({ name: series.metric, unit, better }));
  const repeats = [...Map.groupBy(runs, ({ repeat }) => repeat)].map(([repeat, ranks]): Repeat => {
    const ok = ranks.every((run) => ['ok', 'done'].includes(outcomeOf(run)));
    return { repeat, ok, metrics: together(ranks.map((run) => metricsOfRun(run, declared))) };
  });
  // A model that was killed has other figures than one that came to its end; those are with its run.
  const telling = repeats.some(({ ok }) => ok) ? repeats.filter(({ ok }) => ok) : repeats;
  const known = new Map([...declared, ...telling.flatMap(({ metrics }) => metrics)].toReversed().map((each) => [each.name, each]));
  return [...known.values()].toReversed().map((metric) => metricReport(metric, repeats, points));
}

function metricsOfRun({ record, mesh }: SubjectRun, declared: readonly Omit<MeasuredMetric, 'value'>[]): readonly MeasuredMetric[] {
  if (record !== undefined) return metricsOf(record, declared);
  return mesh?.report === undefined ? [] : pipelineMetrics(mesh.report);
}

function metricReport(
  { name, unit, better }: Omit<MeasuredMetric, 'value'>,
  repeats: readonly Repeat[],
  points: readonly Point[],
): MetricReport {
  const found = repeats.map(({ repeat, ok, metrics }) => ({
    ...{ repeat, counts: ok },
    value: metrics.find((metric) => metric.name === name)?.value ?? null,
  }));
  // What history has of runs that are gone.
  const kept = points.filter(({ series }) => series.metric === name).flatMap(({ values }) => values);
  const measured = found.some(({ value }) => value !== null)
    ? found
    : kept.map((value, index) => ({ repeat: repeats[index]?.repeat ?? index + 1, counts: true, value }));
  const counted = measured.flatMap(({ value, counts }) => (counts && value !== null ? [value] : []));
  const marks = outliersOf(counted);
  let place = 0;
  const values = measured.map((each): RepeatValue => {
    const outlier = each.counts && each.value !== null ? marks[place++]! : false;
    return { ...each, outlier };
  });
  return { metric: name, unit, better, ...middleOf(counted), values };
}

function middleOf(values: readonly number[]): Pick<MetricReport, 'median' | 'low' | 'high' | 'spread'> {
  if (values.length === 0) return { median: null, low: null, high: null, spread: null };
  const [median, low, high] = [medianOf(values), Math.min(...values), Math.max(...values)];
  return { median, low, high, spread: values.length < 2 || median === 0 ? null : (high - low) / Math.abs(median) };
}

function runReport(run: SubjectRun): RunOfTask {
  const { repeat, rank, kind, record, mesh } = run;
  return {
    ...{ repeat, rank, kind, run: run.run },
    outcome: outcomeOf(run) === 'done' ? 'ok' : (outcomeOf(run) as RunOutcome),
    outcomeText: outcomeWordsOf(run),
    record: record === undefined ? null : recordReport(record),
    mesh: mesh === undefined ? null : meshFigures(mesh),
  };
}

function outcomeOf({ record, mesh }: SubjectRun): RunOutcome | 'done' {
  return record?.outcome.kind ?? mesh?.status ?? 'gone';
}

function outcomeWordsOf({ record, mesh }: SubjectRun): string {
  if (record !== undefined) return outcomeText(record);
  if (mesh === undefined) return 'no longer stored';
  return mesh.status === 'done' ? 'ok' : `${mesh.status}${mesh.error === undefined ? '' : `: ${mesh.error}`}`;
}

function meshFigures({ model, report }: MeshRun): MeshFigures {
  return {
    model,
    devices: [...new Set(report?.stages.map(({ device }) => device))],
    frames: report?.frames.received ?? null,
    throughputFps: report?.throughputFps ?? null,
    latencyP50Ms: report?.latencyMs?.p50 ?? null,
    latencyP99Ms: report?.latencyMs?.p99 ?? null,
  };
}
