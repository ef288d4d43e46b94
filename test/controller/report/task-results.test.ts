import test from 'ava';
import { comparisonOf, comparisonText } from '../../../controller/report/comparison.ts';
import { resultsText, taskResult } from '../../../controller/report/task-results.ts';
import { changeText } from '../../../controller/text/change.ts';
import { Random } from '../../../mesh/random.ts';
import { pointOf, taskOf } from '../task/task-fixture.ts';

const task = taskOf({ task: 't9', status: 'done', startedMs: 5 });

test('each metric stands beside the median of up to ten tasks of the same series before it', (t) => {
  const before = Array.from({ length: 12 }, (_, index) => pointOf({ task: `t-${index}`, value: index }));
  const own = pointOf({ task: 't9', value: 20, values: [19, 20, 21] });
  const others = [
    pointOf({ task: 'x', value: 99, series: { device: 'pi2' } }),
    pointOf({ task: 'y', value: 99, series: { limits: 'cpu 1' } }),
  ];
  const later = pointOf({ task: 'later', value: 1_000 });
  const { metrics, startedMs, endedMs, error } = taskResult(task, [own], [...before, ...others, own, later]);
  t.deepEqual([startedMs, endedMs, error], [5, null, null]);
  t.deepEqual(metrics, [
    {
      ...{ metric: 'wall', device: 'pi1', runtime: '', limits: '', value: 20, values: [19, 20, 21], unit: 'ms', better: 'lower' },
      ...{ before: 6.5, beforeCount: 10 },
    },
  ]);
});

test('what came before is before, also when the clock was set back; the first has nothing before it', (t) => {
  const [one, two] = [pointOf({ task: 't1', value: 10, atMs: 1_000 }), pointOf({ task: 't9', value: 12, atMs: 5 })];
  t.like(taskResult(task, [two], [one, two]).metrics[0], { before: 10, beforeCount: 1 });
  t.like(taskResult(task, [one], [one, two]).metrics[0], { before: 10, beforeCount: 1 });
  t.like(taskResult(taskOf({ task: 't1' }), [one], [one, two]).metrics[0], { before: null, beforeCount: 0 });
  t.like(taskResult(task, [two], []).metrics[0], { before: null, beforeCount: 0 });
});

function textOf(value: number, before: number, more: Parameters<typeof pointOf>[0] = {}): string {
  const points = [pointOf({ ...more, task: 't1', value: before }), pointOf({ ...more, task: 't9', value })];
  return resultsText([taskResult(task, points.slice(1), points)], Number.POSITIVE_INFINITY);
}

test('changes are percentages of what was; more is + also below 0; of 0 there is none', (t) => {
  t.regex(textOf(15, 10), /wall +15\.0 +ms +1 +10\.0 \(1\) +\+50\.0 %/);
  t.regex(textOf(-1, -2), /\+50\.0 %/);
  t.regex(textOf(-3, -2), /−50\.0 %/);
  t.notRegex(textOf(3, 0), /%/);
  t.regex(textOf(2 ** 20, 2 ** 21, { unit: 'B' }), /wall +1\.00 +MiB +1 +2\.00 \(1\) +−50\.0 %/);
  t.regex(textOf(0.0115, 0.0115), /0\.0115/);
  t.is(changeText(Number.POSITIVE_INFINITY), 'from 0');
  t.is(changeText(1), '+0.0 %');
});

test('a task that failed says why, one without metrics has no table', (t) => {
  t.is(resultsText([taskResult({ ...task, status: 'failed', error: 'it broke' }, [], [])], 80), 'b  task t9: failed: it broke\n');
});

const sideOf = (name: string, values: readonly number[], more: Parameters<typeof pointOf>[0] = {}) => ({
  name,
  points: values.map((value, index) => pointOf({ ...more, task: `${name}${index}`, value })),
});
const near = (level: number) => [1, 1.01, 0.99, 1.005, 0.995, 1.002].map((share) => share * level);

test('two sides are compared metric by metric, by all their values', (t) => {
  const a = sideOf('A', near(100));
  const report = comparisonOf(a, sideOf('B', near(150)), new Random(0));
  t.like(report, { a: 'A', b: 'B', differences: [], left: [] });
  t.is(report.rows[0]!.comparison.verdict, 'worse');
  t.is(comparisonOf(a, sideOf('B', near(150), { better: 'higher' }), new Random(0)).rows[0]!.comparison.verdict, 'better');
  t.is(comparisonOf(a, sideOf('B', near(100)), new Random(0)).rows[0]!.comparison.verdict, 'same');
  t.regex(comparisonText(report, 200), /wall +100 +150 +ms +6, 6 +worse +1\.500: /);
});

test('what else differs is said', (t) => {
  const a = sideOf('A', near(1), { series: { device: 'pi1', limits: '' } });
  const b = sideOf('B', near(1), { series: { device: 'pi2', runtime: '1.30.0', limits: '' } });
  const { differences } = comparisonOf(a, b, new Random(0));
  t.deepEqual(differences, ['device: pi1 and pi2', 'ONNX Runtime: none and 1.30.0']);
});

test('what has no ratio, is in other units, or is of one side only, is left out and named', (t) => {
  const sides = ['A', 'B'].map((name) => ({
    name,
    points: [
      ...sideOf(name, near(-1), { series: { metric: 'negative' } }).points,
      ...sideOf(name, [0, 0, 0, 0], { series: { metric: 'zero' } }).points,
      ...sideOf(name, near(5), { series: { metric: 'units' }, unit: name === 'A' ? 's' : 'ms' }).points,
      ...sideOf(name, near(5), { series: { metric: `only-${name}` } }).points,
      ...sideOf(name, name === 'A' ? near(5) : [0, 0, 0, 0], { series: { metric: 'vanished' } }).points,
      ...sideOf(name, near(5), { series: { metric: '__proto__' } }).points,
    ],
  }));
  const report = comparisonOf(sides[0]!, sides[1]!, new Random(0));
  t.deepEqual(report.left, ['negative', 'zero', 'units', 'only-A', 'only-B']);
  t.deepEqual(
    report.rows.map(({ metric, comparison }) => [metric, comparison.ratio]),
    [
      ['vanished', 0],
      ['__proto__', 1],
    ],
  );
  t.regex(comparisonText(report, 80), /not compared, because one of them lacks it, it is 0 or below, or in other units: negative, zero/);
});
