import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { historyReportOf } from '../../../controller/report/history-report.ts';
import { historyTables } from '../../../controller/report/history-tables.ts';
import { historyText } from '../../../controller/report/history-text.ts';
import type { AlarmRow } from '../../../controller/store/task-records.ts';
import { historyOf, pointOf, pointsOf, START_MS, series, stepped, taskOf } from './history-fixture.ts';
import { violations } from './json-schema.ts';
import { columnOf } from './tables.ts';

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/history.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const printed = (report: unknown): unknown => JSON.parse(JSON.stringify(report));
const failed = taskOf(100, { status: 'failed', error: 'out of memory on pi1', startedMs: START_MS, dueMs: START_MS });

test('a step is a change point between two levels, a spike an outlier of its level', (t) => {
  const [only, ...more] = historyReportOf(historyOf(pointsOf(stepped))).series;
  t.deepEqual(more, []);
  const { changes, points } = only!;
  t.is(changes.length, 1);
  t.like(changes[0], { index: 20, task: 'task-0020', worse: true });
  t.true(Math.abs(changes[0]!.ratio! - 1.15) < 0.01);
  t.deepEqual(
    points.flatMap(({ outlier }, index) => (outlier ? [index] : [])),
    [9],
  );
  t.deepEqual([...new Set(points.map(({ level }) => Math.round(level)))], [20, 23]);
});

test('of throughput a fall is for the worse', (t) => {
  const [only] = historyReportOf(
    historyOf(
      pointsOf(
        stepped.map((ms) => 1000 / ms),
        { better: 'higher', unit: '1/s' },
      ),
    ),
  ).series;
  t.like(only!.changes[0], { index: 20, worse: true });
});

test('a value is compared with the median of at most ten runs before it', (t) => {
  const [only] = historyReportOf(historyOf([...Array(12).keys()].map((index) => pointOf(index, [index + 1])))).series;
  const { points } = only!;
  t.like(points[0], { usual: null, change: null });
  t.like(points[1], { usual: 1, change: 1 });
  t.like(points[11], { usual: 6.5 });
  t.true(Math.abs(points[11]!.change! - (12 - 6.5) / 6.5) < 1e-12);
});

test('a repeat far from the others of its run is marked', (t) => {
  const [only] = historyReportOf(historyOf([pointOf(0, [10, 10.1, 9.9, 30, 10])])).series;
  t.deepEqual(
    only!.points[0]!.repeats.map(({ outlier }) => outlier),
    [false, false, false, true, false],
  );
});

test('metrics, devices, runtimes and limits are series of their own, and filters choose', (t) => {
  const others = [{ device: 'pi2' }, { metric: 'throughput' }, { runtime: '1.31.0' }, { limits: '' }];
  const points = [...pointsOf([1, 2]), ...others.map((part, index) => pointOf(index, [3], { series: { ...series, ...part } }))];
  t.is(historyReportOf(historyOf(points)).series.length, 5);
  t.deepEqual(
    historyReportOf(historyOf(points, { metric: 'throughput' })).series.map(({ points: own }) => own.length),
    [1],
  );
  t.deepEqual(
    historyReportOf(historyOf(points, { device: 'pi2' })).series.map(({ device }) => device),
    ['pi2'],
  );
});

test('tasks that added nothing are there, with what came of them', (t) => {
  const report = historyReportOf(historyOf(pointsOf([1, 2]), { tasks: [failed, taskOf(0), taskOf(1)], metric: 'no such' }));
  t.deepEqual(report.without, [
    { task: 'task-0100', benchmark: 'resnet nightly', atMs: START_MS, status: 'failed', origin: 'hand', error: 'out of memory on pi1' },
  ]);
});

test('alarms are at their run, by what they say of themselves; one that says nothing is there all the same', (t) => {
  const alarm = (name: string, state: string, facts: string): AlarmRow => ({ alarm: name, series, state, changedMs: 5, facts });
  const rows = [
    alarm(
      'a',
      'open',
      JSON.stringify({ alarm: { kind: 'k-sigma', firstBad: 'task-0009', size: 1.5, p: 0.001 }, confirmation: { reason: 'It is.' } }),
    ),
    alarm('b', 'candidate', 'no json'),
    alarm('c', 'of another release', '[1]'),
    { ...alarm('d', 'open', '{}'), series: { ...series, device: 'pi2' } },
  ];
  const [only] = historyReportOf(historyOf(pointsOf(stepped), { alarms: rows })).series;
  t.deepEqual(
    only!.alarms.map(({ index, kind, state }) => [index, kind, state]),
    [
      [9, 'k-sigma', 'open'],
      [null, null, 'candidate'],
      [null, null, 'unknown'],
    ],
  );
  t.is(only!.alarms[0]!.text, 'open: k sigma, × 1.50, p 1e-3, since task-0009. It is');
});

test('a report is as its schema says', (t) => {
  const report = historyReportOf(historyOf(pointsOf(stepped), { tasks: [failed] }));
  t.deepEqual(violations(printed(report), schema), []);
  t.deepEqual(violations(printed(historyReportOf(historyOf([]))), schema), []);
  t.not(violations(printed({ ...report, extra: 1 }), schema).length, 0);
  t.not(violations(printed({ ...report, series: [{}] }), schema).length, 0);
});

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
const anyPoint = fc.record({
  values: fc.array(value, { minLength: 1, maxLength: 6 }),
  device: fc.constantFrom('pi1', 'pi2'),
  metric: fc.constantFrom('latency.p50', 'x'),
});

test('every value of every run is in the report, in the tables and, of tasks without one, their outcome', (t) => {
  fc.assert(
    fc.property(fc.array(anyPoint, { maxLength: 12 }), fc.nat(3), (made, bad) => {
      const points = made.map(({ values, device, metric }, index) => pointOf(index, values, { series: { ...series, device, metric } }));
      const tasks = [
        ...points.map((_, index) => taskOf(index)),
        ...Array.from({ length: bad }, (_, index) => taskOf(200 + index, { status: 'failed' })),
      ];
      const report = historyReportOf(historyOf(points, { tasks }));
      t.deepEqual(violations(printed(report), schema), []);
      const [all, repeats] = historyTables(report);
      const pairs = (names: unknown[], values: unknown[]) => names.map((name, index) => JSON.stringify([name, values[index]])).toSorted();
      const given = points.map((point) => JSON.stringify([point.task, point.value]));
      const without = tasks.slice(points.length).map(({ task }) => JSON.stringify([task, null]));
      t.deepEqual(pairs(columnOf(all, 'task'), columnOf(all, 'value')), [...given, ...without].toSorted());
      t.is(columnOf(all, 'status').filter((status) => status === 'failed').length, bad);
      // As texts: 0 and -0 have no order.
      const texts = (values: readonly unknown[]): string[] => values.map(String).toSorted();
      t.deepEqual(texts(columnOf(repeats!, 'value')), texts(points.flatMap(({ values }) => values)));
    }),
    { numRuns: 60 },
  );
});

test('outliers and change points have columns', (t) => {
  const [all, , changes] = historyTables(historyReportOf(historyOf(pointsOf(stepped))));
  const places = (name: string) => columnOf(all, name).flatMap((flag, index) => (flag === true ? [index] : []));
  t.deepEqual(places('outlier'), [9]);
  t.deepEqual(places('change_point'), [20]);
  t.deepEqual(columnOf(changes!, 'number'), [21]);
});

test('in the terminal: a line for each series, and what was found', (t) => {
  const text = historyText(historyReportOf(historyOf(pointsOf(stepped), { tasks: [failed] })), 100);
  t.regex(text, /^resnet nightly: history\nONNX Runtime 1\.30\.0, memory 256 MiB\n/);
  t.regex(text, /latency\.p50 on pi1 +40 +2\d\.\d +ms +[+−]/);
  t.regex(text, /level: from task-0020 on 20\.0 → 23\.0 ms \(× 1\.15, p \de-\d+\), for the\n? +worse/);
  t.regex(text, /1 task without a value:\n +2026-01-01 07:00 task-0100 failed: out of memory on pi1\n/);
  t.regex(historyText(historyReportOf(historyOf([])), 100), /no run has added to it yet/);
});
