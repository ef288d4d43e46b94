import test from 'ava';
import fc from 'fast-check';
import { parsePattern } from '../../../controller/descriptor/metric-pattern.ts';
import { type MeasuredMetric, metricsOf } from '../../../controller/task/metrics-of.ts';
import { PatternMetrics } from '../../../controller/task/pattern-metrics.ts';
import { pipelineMetrics } from '../../../controller/task/pipeline-metrics.ts';
import { pointsOf } from '../../../controller/task/points-of.ts';
import { together } from '../../../controller/task/together.ts';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import type { BenchRecord, TimedMetric } from '../../../mesh/bench/record.ts';
import { record } from '../../mesh/bench/arbitraries.ts';
import { recordOf } from '../report/sweep-fixture.ts';

const said = (name: string, value: number, more: Partial<TimedMetric> = {}): TimedMetric => ({
  ...{ name, value, unit: '', labels: {}, atMs: 0 },
  ...more,
});
const metric = (name: string, value: number, better: MeasuredMetric['better'] = 'lower', unit = 'ms'): MeasuredMetric => ({
  ...{ name, value, unit, better },
});
const valuesOf = (metrics: readonly MeasuredMetric[]) => Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
const { load: _, ...bare } = recordOf({ timeMs: 20, peakBytes: 1000 });
const program: BenchRecord = { ...bare, use: { wallMs: 500, cpuMs: 400, peakMemoryBytes: 1000 } };

test('of inference: latencies, throughput, how long it took to load, memory; not how long it was asked to run', (t) => {
  const found = metricsOf(recordOf({ timeMs: 20, peakBytes: 1000 }));
  t.deepEqual(
    found.map(({ name, unit, better }) => [name, unit, better]),
    [
      ['latency.p50', 'ms', 'lower'],
      ['latency.p90', 'ms', 'lower'],
      ['latency.p99', 'ms', 'lower'],
      ['throughput', '1/s', 'higher'],
      ['load', 'ms', 'lower'],
      ['memory.peak', 'B', 'lower'],
    ],
  );
  t.like(valuesOf(found), { 'latency.p50': 20, load: 310, 'memory.peak': 1000 });
  const { latencyMs: _latency, ...offline } = recordOf({ timeMs: 20 }).load!;
  t.deepEqual(Object.keys(valuesOf(metricsOf({ ...bare, load: offline, use: {} }))), ['throughput', 'load']);
});

test('of training: the time of an epoch, throughput, accuracy', (t) => {
  const epoch = {
    ...{ stage: 'classify', epoch: 1, learningRate: 0.1, train: { loss: 1, accuracy: 0.5 }, validation: { loss: 1, accuracy: 0.75 } },
    ...{ steps: 10, batchesMs: 10, stepsMs: 80, validateMs: 10, checkpointMs: 0 },
  };
  const training = {
    ...{ batch: 4, trainExamples: 40, validationExamples: 8, sessionMs: 1, resumedAt: 0, epochs: [epoch] },
    bestEpoch: 0,
  };
  const found = metricsOf({ ...bare, training, use: { wallMs: 9, cpuMs: 8, peakMemoryBytes: 7 } } as never);
  t.deepEqual(
    found.map(({ name, better }) => [name, better]),
    [
      ['throughput', 'higher'],
      ['epoch', 'lower'],
      ['accuracy', 'higher'],
      ['memory.peak', 'lower'],
      ['cpu', 'lower'],
    ],
  );
  t.is(valuesOf(found).accuracy, 0.75);
});

test('of a program: how long it took, what it used, and the last value of each name that it said', (t) => {
  const metrics = [said('loss', 3), said('loss', 1, { labels: { epoch: '2' }, unit: 'nat' }), said('__proto__', -2), said('score', 7)];
  const found = metricsOf({ ...program, metrics }, [{ name: 'score', unit: 'points', better: 'higher' }]);
  t.deepEqual(found, [
    metric('wall', 500),
    metric('memory.peak', 1000, 'lower', 'B'),
    metric('cpu', 400),
    metric('loss', 1, 'lower', 'nat'),
    metric('__proto__', -2, 'lower', ''),
    metric('score', 7, 'higher', 'points'),
  ]);
});

test('a program that calls something of its own "wall" means that', (t) => {
  const found = metricsOf({ ...program, metrics: [said('wall', 3, { unit: 's' })] });
  t.deepEqual(
    found.filter(({ name }) => name === 'wall'),
    [metric('wall', 3, 'lower', 's')],
  );
});

test('what is no number is not there, whatever a device says', (t) => {
  const metrics = [said('a', 1), said('a', Number.NaN), said('b', Number.POSITIVE_INFINITY)];
  t.deepEqual(metricsOf({ ...program, use: { wallMs: Number.NaN }, metrics }), [metric('a', 1, 'lower', '')]);
});

test('of whatever record: finite numbers, each name once', (t) => {
  fc.assert(
    fc.property(record, (each) => {
      const found = metricsOf(each);
      t.true(found.every(({ value }) => Number.isFinite(value)));
      t.is(new Set(found.map(({ name }) => name)).size, found.length);
    }),
    { numRuns: 200 },
  );
});

test('of a pipeline: throughput, latencies, and those of one device, where they were measured', (t) => {
  const latencyMs = { p50: 1, p90: 2, p99: 3 } as never;
  const full = pipelineMetrics({ throughputFps: 10, latencyMs, frames: 5, oneDevice: { throughputFps: 4 } } as never);
  t.deepEqual(valuesOf(full), { throughput: 10, 'latency.p50': 1, 'latency.p90': 2, 'latency.p99': 3, 'one_device.throughput': 4 });
  t.deepEqual(pipelineMetrics({ throughputFps: null, latencyMs: null, frames: 0, oneDevice: null } as never), []);
  t.deepEqual(pipelineMetrics({ throughputFps: Number.POSITIVE_INFINITY, latencyMs: undefined } as never), []);
});

const line = (text: string, stream: 'stdout' | 'stderr' | 'agent' = 'stdout'): BenchEvent =>
  ({ kind: 'log', stream, line: text }) as BenchEvent;

function watched(patterns: readonly [string, string][], events: readonly BenchEvent[], now = () => 0): PatternMetrics {
  const seen = new PatternMetrics(
    patterns.map(([name, pattern]) => ({ name, unit: 'u', read: parsePattern(pattern) })),
    now,
  );
  for (const event of events) seen.watch(event);
  return seen;
}

test('numbers are found in lines, each with its time since the start', (t) => {
  let now = 1_000;
  const seen = watched(
    [
      ['loss', 'loss=(\\S+)'],
      ['epoch', 'epoch (?<value>\\d+) of (\\d+)'],
    ],
    [],
    () => now,
  );
  seen.watch({ kind: 'started' } as BenchEvent);
  now = 1_250;
  seen.watch(line('epoch 3 of 9: loss=-2.5e-3'));
  seen.watch(line('nothing'));
  seen.watch(line('loss=1', 'agent'));
  now = 1_500;
  seen.watch(line('loss= ', 'stderr'));
  seen.watch(line('loss=4,', 'stderr'));
  t.deepEqual(seen.metrics, [
    { name: 'loss', value: -0.0025, unit: 'u', labels: {}, atMs: 250 },
    { name: 'epoch', value: 3, unit: 'u', labels: {}, atMs: 250 },
  ]);
  t.deepEqual(seen.refused, ['line 2 of its stderr: loss is "4,", which is no finite number']);
});

for (const text of ['nan', 'Infinity', '-inf', '1,5', '1_000', '--1', '1e999', 'x'.repeat(200)]) {
  test(`a match that is no number is refused with its line: ${text.slice(0, 10)}`, (t) => {
    const { metrics, refused, lost } = watched([['a', '^a=(.*)$']], [line('b'), line(`a=${text}`)]);
    t.deepEqual(metrics, []);
    t.deepEqual(refused, [`line 2 of its stdout: a is "${text.slice(0, 80)}", which is no finite number`]);
    t.is(lost, 1);
  });
}

test('an empty match is refused; a group that took no part is no match', (t) => {
  t.is(watched([['a', 'a=(.*)']], [line('a=')]).lost, 1);
  t.is(watched([['a', 'a(?:=(\\d+))?']], [line('a')]).lost, 0);
});

test('of very many values the last of each name counts, and how many were not kept is known', (t) => {
  const lines = Array.from({ length: 10_050 }, (_, index) => line(`a=${index}`));
  const seen = watched(
    [
      ['a', 'a=(.*)'],
      ['b', 'b=(.*)'],
    ],
    [...lines, line('b=1'), line('b=2'), line('a=x')],
  );
  t.is(seen.metrics.length, 10_001);
  t.is(seen.lost, 50 + 1 + 1);
  const found = valuesOf(metricsOf({ ...program, use: {}, metrics: seen.metrics }));
  t.deepEqual(found, { a: 10_049, b: 2 });
});

test('many refusals are told a few times, and all counted', (t) => {
  const seen = watched(
    [['a', 'a=(.*)']],
    Array.from({ length: 100 }, () => line('a=x')),
  );
  t.is(seen.refused.length, 20);
  t.is(seen.lost, 100);
});

test('of devices that ran together the worst counts', (t) => {
  const first = [metric('wall', 10), metric('speed', 3, 'higher'), metric('only', 1)];
  const second = [metric('wall', 12), metric('speed', 2, 'higher')];
  t.deepEqual(together([first, second]), [metric('wall', 12), metric('speed', 2, 'higher'), metric('only', 1)]);
  t.deepEqual(together([first]), first);
  t.deepEqual(together([]), []);
  t.deepEqual(together([[metric('loss', -3)], [metric('loss', -1)]]), [metric('loss', -1)]);
});

const task = { task: 't1', benchmark: 'b' };
const repeat = (metrics: readonly MeasuredMetric[], more = {}) => ({ metrics, device: 'pi1', runtime: '1', limits: '', ...more });

test('repeats come to a median for each metric', (t) => {
  const points = pointsOf(task, [repeat([metric('wall', 3), metric('a', 1)]), repeat([metric('wall', 1)]), repeat([metric('wall', 2)])], 9);
  t.deepEqual(points, [
    {
      ...{ task: 't1', atMs: 9, value: 2, values: [3, 1, 2], unit: 'ms', better: 'lower' },
      series: { benchmark: 'b', metric: 'wall', device: 'pi1', runtime: '1', limits: '' },
    },
    {
      ...{ task: 't1', atMs: 9, value: 1, values: [1], unit: 'ms', better: 'lower' },
      series: { benchmark: 'b', metric: 'a', device: 'pi1', runtime: '1', limits: '' },
    },
  ]);
  t.deepEqual(pointsOf(task, [], 9), []);
});

test('repeats on another device, with another runtime or under other limits are histories of their own', (t) => {
  const one = [metric('wall', 1)];
  const points = pointsOf(
    task,
    [
      repeat(one),
      repeat(one, { device: 'pi2' }),
      repeat(one, { runtime: '2' }),
      repeat(one, { limits: 'cpu 1' }),
      repeat([metric('wall', 5)]),
    ],
    9,
  );
  t.deepEqual(
    points.map(({ series: { device, runtime, limits }, values }) => [device, runtime, limits, values]),
    [
      ['pi1', '1', '', [1, 5]],
      ['pi2', '1', '', [1]],
      ['pi1', '2', '', [1]],
      ['pi1', '1', 'cpu 1', [1]],
    ],
  );
});

test('huge values have a median that is a number', (t) => {
  const [point] = pointsOf(task, [repeat([metric('a', 1.7e308)]), repeat([metric('a', 1.6e308)])], 9);
  t.true(Number.isFinite(point!.value));
});
