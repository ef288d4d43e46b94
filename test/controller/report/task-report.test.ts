import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import type { RunReport } from '../../../controller/report/run-report.ts';
import { type Subject, taskReportOf } from '../../../controller/report/task-report.ts';
import { taskTables } from '../../../controller/report/task-tables.ts';
import { taskText } from '../../../controller/report/task-text.ts';
import { record } from '../../mesh/bench/arbitraries.ts';
import { pointOf, series, taskOf } from './history-fixture.ts';
import { violations } from './json-schema.ts';
import { columnOf } from './tables.ts';
import { killedRecord, nightly, okRecord, runOf, subjectOf } from './task-fixture.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/task.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const printed = (subjects: readonly Subject[]): unknown => JSON.parse(JSON.stringify(taskReportOf(subjects)));
const metricOf = (subject: Subject, name: string) => taskReportOf([subject]).subjects[0]!.metrics.find(({ metric }) => metric === name)!;

test('the median is that of the repeats that ended well; each is there, outliers are marked', (t) => {
  const { median, low, high, spread, values, unit, better } = metricOf(nightly, 'latency.p50');
  t.deepEqual([median, low, high, unit, better], [20.05, 19.9, 31, 'ms', 'lower']);
  t.true(Math.abs(spread! - 11.1 / 20.05) < 1e-12);
  t.deepEqual(
    values.map(({ repeat, value, counts, outlier }) => [repeat, value, counts, outlier]),
    [
      [1, 20, true, false],
      [2, 20.2, true, false],
      [3, 31, true, true],
      [4, 19.9, true, false],
      [5, null, false, false],
      [6, 20.1, true, false],
      [7, 20, true, false],
    ],
  );
  const memory = metricOf(nightly, 'memory.peak');
  t.deepEqual([memory.low, memory.median, memory.high], [2e8, 2e8, 2e8]);
  t.deepEqual(memory.values[4], { repeat: 5, value: 2 ** 28, counts: false, outlier: false });
});

test('what a run was killed with is no metric of a model that is measured otherwise', (t) => {
  const names = taskReportOf([nightly]).subjects[0]!.metrics.map(({ metric }) => metric);
  t.deepEqual(names, ['latency.p50', 'latency.p90', 'latency.p99', 'throughput', 'load', 'memory.peak']);
  t.true(taskReportOf([subjectOf([killedRecord()])]).subjects[0]!.metrics.some(({ metric }) => metric === 'memory.peak'));
});

test('devices that ran together count as one repeat, as slow as the slowest', (t) => {
  const ranked = subjectOf([], { runs: [runOf(1, okRecord(20)), { ...runOf(1, okRecord(30)), rank: 1 }] });
  t.deepEqual(metricOf(ranked, 'latency.p50').values, [{ repeat: 1, value: 30, counts: true, outlier: false }]);
});

test('of runs that are no longer stored history knows the values', (t) => {
  const gone = subjectOf([undefined, undefined], { points: [pointOf(1, [5, 6], { value: 5.5 })] });
  t.like(metricOf(gone, series.metric), { median: 5.5, unit: 'ms' });
  t.deepEqual(
    taskReportOf([gone]).subjects[0]!.runs.map(({ outcome }) => outcome),
    ['gone', 'gone'],
  );
});

test('a run of a mesh has its figures, and where the rest is', (t) => {
  const latencyMs = { p50: 12, p90: 14, p99: 20 };
  const report = {
    throughputFps: 80,
    latencyMs,
    stages: [{ device: 'pi1' }, { device: 'pi2' }],
    frames: { received: 200 },
    oneDevice: null,
  };
  const mesh = { model: 'resnet', status: 'done' as const, error: undefined, report: report as unknown as RunReport };
  const subject = subjectOf([], { runs: [{ ...runOf(1, undefined), kind: 'run', run: 'r1', mesh }] });
  t.is(metricOf(subject, 'throughput').median, 80);
  t.deepEqual(violations(printed([subject]), schema), []);
  t.regex(
    taskText(taskReportOf([subject]), 100),
    /mesh run +resnet on pi1, pi2: 80\.0 frames\/s, latency p50 12\.0 ms, p99 20\.0 ms; controller\s+show r1/,
  );
});

test('a report is as its schema says, whatever was measured', (t) => {
  const task = taskOf(1, {
    status: 'failed',
    error: 'it broke',
    startedMs: undefined,
    endedMs: undefined,
    assignment: { model: 'a', n: 2 },
  });
  for (const subject of [nightly, subjectOf([]), subjectOf([], { task }), subjectOf([okRecord(1)], { task: undefined })])
    t.deepEqual(violations(printed([subject]), schema), []);
  t.not(violations({ ...(printed([nightly]) as object), extra: 1 }, schema).length, 0);
  t.not(violations({ subjects: [{}] }, schema).length, 0);
});

test('every run, every repeat and every sample is in the tables, whatever was measured', (t) => {
  fc.assert(
    fc.property(fc.array(fc.option(record, { nil: undefined }), { maxLength: 5 }), (records) => {
      const subject = subjectOf(records);
      t.deepEqual(violations(printed([subject]), schema), []);
      const [results, runs, samples, epochs] = taskTables(taskReportOf([subject]), [subject]);
      const places = records.map((_, index) => index + 1);
      t.deepEqual([...new Set(columnOf(results, 'repeat'))].toSorted(), records.length === 0 ? [null] : places);
      t.deepEqual(
        columnOf(runs!, 'run'),
        places.map((place) => `bench-${place}`),
      );
      t.deepEqual(
        columnOf(runs!, 'outcome'),
        records.map((each) => each?.outcome.kind ?? 'gone'),
      );
      t.deepEqual(
        columnOf(samples!, 'at_ms'),
        records.flatMap((each) => (each?.series ?? []).map(({ atMs }) => atMs)),
      );
      t.is(
        columnOf(epochs!, 'epoch').length,
        records.reduce((sum, each) => sum + (each?.training?.epochs.length ?? 0), 0),
      );
    }),
    { numRuns: 40 },
  );
});

test('what does not count has its outcome and nulls, outliers a flag', (t) => {
  const [results] = taskTables(taskReportOf([nightly]), [nightly]);
  const rows = columnOf(results, 'metric').flatMap((metric, at) => (metric === 'latency.p50' ? [at] : []));
  const cells = (name: string) => rows.map((at) => columnOf(results, name)[at]);
  t.deepEqual(cells('value'), [20, 20.2, 31, 19.9, null, 20.1, 20]);
  t.deepEqual(cells('outcome'), ['ok', 'ok', 'ok', 'ok', 'out-of-memory', 'ok', 'ok']);
  t.deepEqual(cells('outlier'), [false, false, true, false, false, false, false]);
  t.deepEqual(cells('counts'), [true, true, true, true, false, true, true]);
});

test('in the terminal: a line for each metric, and what came of repeats that did not end well', (t) => {
  const other = subjectOf([okRecord(40)], { name: 'task-2', title: 'other' });
  const text = taskText(taskReportOf([nightly, other]), 100);
  t.regex(text, /^resnet nightly {2}task task-0001\nstatus +done, started 2026-01-02 07:00 UTC, took 1 min 0 s\n/);
  t.regex(text, /latency\.p50 +20\.1 +ms +55\.4 % +20\.0 {2}20\.2 {2}◇ 31\.0 {2}19\.9 {2}✕ – {2}20\.1 {2}20\.0\n/);
  t.regex(text, /repeat 5 +✕ out of memory\n/);
  t.regex(text, /latency\.p50 +ms +20\.1 +40\.0 +\+99\.5 %\n/);
  t.regex(taskText(taskReportOf([subjectOf([])]), 100), /nothing was measured/);
});
