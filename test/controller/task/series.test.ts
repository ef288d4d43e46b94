import test from 'ava';
import fc from 'fast-check';
import { seriesId, seriesKeyOf, seriesText } from '../../../controller/task/series.ts';
import { judgeSeries } from '../../../controller/task/series-rules.ts';
import { benchmarkName, modelFileKey, modelFiles, sourceKey } from '../../../controller/task/source-keys.ts';
import { seriesOf } from './task-fixture.ts';

const none = { changePoints: false, confirm: 0, command: undefined, webhook: undefined, rules: [] };
const rule = (metric: string, bounds: object) => ({
  ...{ metric, above: undefined, below: undefined, kSigma: undefined, relativeChange: undefined, direction: undefined },
  ...bounds,
});
const kinds = (result: ReturnType<typeof judgeSeries>) => result.violations.map(({ kind }) => kind);

test('series are the same when all of them is', (t) => {
  const text = fc.constantFrom('', 'a', 'b', '","', '"]');
  const series = fc.record({ benchmark: text, metric: text, device: text, runtime: text, limits: text });
  fc.assert(
    fc.property(series, series, (a, b) => {
      const same = Object.keys(a).every((key) => a[key as keyof typeof a] === b[key as keyof typeof b]);
      t.is(seriesKeyOf(a) === seriesKeyOf(b), same);
      t.is(seriesId(a) === seriesId(b), same);
    }),
  );
  t.regex(seriesId(seriesOf()), /^[0-9a-f]{8}$/);
});

test('a series in words', (t) => {
  t.is(seriesText(seriesOf()), 'b wall on pi1');
  t.is(seriesText(seriesOf({ runtime: '1.30.0', limits: 'cpu 1' })), 'b wall on pi1, ONNX Runtime 1.30.0, cpu 1');
});

test('rules are those of the metric, for the worse unless they say otherwise', (t) => {
  const values = [10, 10, 10, 10, 20];
  const alerts = { ...none, rules: [rule('wall', { relativeChange: 0.1 }), rule('other', { above: 1 })] };
  t.deepEqual(kinds(judgeSeries(values, 'wall', 'lower', alerts)), ['relative-change']);
  t.deepEqual(kinds(judgeSeries(values, 'wall', 'higher', alerts)), []);
  t.deepEqual(kinds(judgeSeries(values, 'speed', 'lower', alerts)), []);
  const both = { ...none, rules: [rule('wall', { relativeChange: 0.1, direction: 'both' }), rule('wall', { above: 15, below: 1 })] };
  t.deepEqual(kinds(judgeSeries(values, 'wall', 'higher', both)), ['relative-change', 'above']);
});

test('change points are looked for once, and only when they are asked for', (t) => {
  const values = [...Array.from({ length: 10 }, (_, i) => 10 + (i % 3) / 50), ...Array.from({ length: 10 }, (_, i) => 20 + (i % 3) / 50)];
  const rules = [rule('wall', { above: 100 }), rule('wall', { below: 1 })];
  t.is(judgeSeries(values, 'wall', 'lower', { ...none, changePoints: true, rules }).changePoints.length, 1);
  t.is(judgeSeries(values, 'wall', 'lower', { ...none, rules }).changePoints.length, 0);
});

test('below 0 a rule is about the same distance', (t) => {
  const alerts = { ...none, rules: [rule('wall', { relativeChange: 0.1 })] };
  t.deepEqual(kinds(judgeSeries([-10, -10, -10, -10, -8], 'wall', 'lower', alerts)), ['relative-change']);
  t.deepEqual(kinds(judgeSeries([-10, -10, -10, -10, -12], 'wall', 'lower', alerts)), []);
});

test('a rule with too little history says so', (t) => {
  const result = judgeSeries([1], 'wall', 'lower', { ...none, changePoints: true, rules: [rule('wall', { kSigma: 3 })] });
  t.deepEqual(
    result.notJudged.map(({ kind, needed, there }) => [kind, needed, there]),
    [
      ['change-point', 6, 1],
      ['k-sigma', 11, 1],
    ],
  );
});

test('what is kept has a name for each place it comes from', (t) => {
  t.is(sourceKey({ kind: 'file', path: 'a/b' }), 'file a/b');
  t.is(sourceKey({ kind: 'http', url: 'http://x/' }), 'url http://x/');
  const sources = {
    [modelFileKey('m.onnx', 'm.onnx')]: '1',
    [modelFileKey('m.onnx', 'w.bin')]: '2',
    [modelFileKey('n.onnx', 'n.onnx')]: '3',
  };
  t.deepEqual(
    [...modelFiles(sources, 'm.onnx')],
    [
      ['m.onnx', '1'],
      ['w.bin', '2'],
    ],
  );
  t.is(benchmarkName('b', {}), 'b');
  t.is(benchmarkName('b', { threads: 2, memory: '64MiB' }), 'b[threads=2,memory=64MiB]');
});
