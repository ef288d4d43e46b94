import test from 'ava';
import { Told } from '../../../agent/bench/told.ts';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import { MESSAGE_BYTES_MAX } from '../../../mesh/grpc/options.ts';
import type { EpochFigures, TrainingFigures } from '../../../mesh/training/figures.ts';
import { encodeEpoch, encodeTrainingFigures } from '../../../mesh/wire-training.ts';

function toldBy(emits: boolean) {
  const events: BenchEvent[] = [];
  let nowMs = 0;
  const told = new Told(
    emits,
    () => nowMs,
    (event) => events.push(event),
  );
  const at = (ms: number): void => {
    nowMs = ms;
  };
  return { told, events, at };
}

test('metrics of a command are kept with their time; its words are passed on', (t) => {
  const { told, events, at } = toldBy(true);
  told.line('stdout', 'hello');
  at(12);
  told.line('stdout', '{"metric": "loss", "value": 0.5, "unit": "1", "labels": {"epoch": "3"}}');
  told.line('stderr', '{"metric": "loss", "value": 1}');
  t.deepEqual(told.facts().metrics, [{ name: 'loss', value: 0.5, unit: '1', labels: { epoch: '3' }, atMs: 12 }]);
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['log', 'metric', 'log'],
  );
});

test('a metric that is none is counted, and said why', (t) => {
  const { told, events } = toldBy(true);
  told.line('stdout', '{"metric": "loss", "value": NaN}');
  t.is(told.facts().metricsLost, 1);
  t.like(events[1], { kind: 'log', stream: 'agent' });
  t.regex((events[1] as { line: string }).line, /refused/);
});

test('metrics beyond the limit are counted, not kept', (t) => {
  const { told } = toldBy(true);
  for (let i = 0; i < 10_003; i += 1) told.line('stdout', `{"metric": "i", "value": ${i}}`);
  t.is(told.facts().metrics.length, 10_000);
  t.is(told.facts().metricsLost, 3);
});

test('inference has no metrics: what its process prints are words', (t) => {
  const { told } = toldBy(false);
  told.line('stdout', '{"metric": "loss", "value": 0.5}');
  t.deepEqual(told.facts().metrics, []);
});

test('phases follow each other without a gap, the last until the end', (t) => {
  const { told, at } = toldBy(false);
  at(1);
  told.report({ kind: 'phase', name: 'load' });
  t.false(told.computed);
  at(5);
  told.report({ kind: 'phase', name: 'warm-up' });
  t.true(told.computed);
  at(9);
  t.deepEqual(told.facts().phases, [
    { name: 'load', startMs: 1, endMs: 5 },
    { name: 'warm-up', startMs: 5, endMs: 9 },
  ]);
});

test('why it failed is its last word', (t) => {
  const { told } = toldBy(false);
  told.line('stderr', 'before');
  told.report({ kind: 'failed', reason: 'no such operator' });
  t.is(told.failure, 'no such operator');
  t.is(told.facts().lastWords, 'before\nno such operator');
});

test('what is no report changes nothing; figures that make no sense are a failure', (t) => {
  const { told, events } = toldBy(false);
  for (const message of [
    undefined,
    null,
    7,
    'phase',
    {},
    { kind: 'phase', name: 3 },
    { kind: 'progress', queries: Number.NaN, elapsedMs: -1 },
    { kind: 'figures', figures: 'x' },
  ])
    told.report(message);
  t.deepEqual(events, []);
  t.is(told.failure, undefined);
  told.report({ kind: 'figures', figures: new Uint8Array([1, 2, 3]) });
  t.regex(told.failure!, /make no sense/);
});

test('metrics with many labels are kept as long as a record of them fits into one message', (t) => {
  const { told, events } = toldBy(true);
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`label${i}`, 'x'.repeat(128)]));
  for (let i = 0; i < 10_000; i += 1) told.line('stdout', JSON.stringify({ metric: 'i', value: i, labels }));
  const { metrics, metricsLost } = told.facts();
  t.is(metrics.length + metricsLost, 10_000);
  t.true(JSON.stringify(metrics).length < MESSAGE_BYTES_MAX / 2);
  t.is(events.length, metrics.length, 'what is not kept is not told: nobody may be listening');
});

test('a process that was taken over fills neither record nor stream with phases or figures', (t) => {
  const { told, events } = toldBy(false);
  for (let i = 0; i < 5_000; i += 1) told.report({ kind: 'phase', name: 'x'.repeat(10_000) });
  t.is(events.length, 1_000);
  t.true(JSON.stringify(told.facts().phases).length < 300_000);
  told.report({ kind: 'figures', figures: new Uint8Array(2 ** 20) });
  t.is(told.facts().load, undefined);
  t.regex(told.failure ?? '', /1048576 bytes/);
});

const epoch = (number: number, stage = 'classify'): EpochFigures => ({
  ...{ stage, epoch: number, learningRate: 0.1, steps: 12, batchesMs: 1, stepsMs: 2, validateMs: 3, checkpointMs: 4 },
  train: { loss: 1 / number, accuracy: 0.5 },
  validation: { loss: 2 / number, accuracy: 0.25 },
});
const begun: TrainingFigures = {
  ...{ batch: 64, trainExamples: 800, validationExamples: 200, sessionMs: 5, resumedAt: 1, bestEpoch: 0 },
  epochs: [epoch(1)],
};

test('epochs of a training are kept and told as they end, those before it was resumed in front; the best is remembered over stages', (t) => {
  const { told, events } = toldBy(false);
  told.report({ kind: 'training', figures: encodeTrainingFigures(begun) });
  told.report({ kind: 'epoch', epoch: encodeEpoch(epoch(2)), best: true });
  told.report({ kind: 'epoch', epoch: encodeEpoch(epoch(3)), best: false });
  told.report({ kind: 'training', figures: encodeTrainingFigures({ ...begun, sessionMs: 9, epochs: [], bestEpoch: undefined! }) });
  t.deepEqual(told.facts().training, { ...begun, sessionMs: 9, epochs: [1, 2, 3].map((number) => epoch(number)), bestEpoch: 1 });
  t.deepEqual(events, [
    { kind: 'epoch', epoch: epoch(2) },
    { kind: 'epoch', epoch: epoch(3) },
  ]);
});

test('epochs without end, too long or before there is a training fill nothing', (t) => {
  const { told, events } = toldBy(false);
  told.report({ kind: 'epoch', epoch: encodeEpoch(epoch(1)), best: true });
  t.deepEqual([events, told.facts().training], [[], undefined]);
  told.report({ kind: 'training', figures: encodeTrainingFigures(begun) });
  for (let number = 2; number < 10_100; number += 1) told.report({ kind: 'epoch', epoch: encodeEpoch(epoch(number)), best: false });
  t.is(told.facts().training!.epochs.length, 10_000);
  t.is(events.length, 9_999);
  t.is(told.failure, undefined);
  const other = toldBy(false);
  other.told.report({ kind: 'training', figures: encodeTrainingFigures(begun) });
  other.told.report({ kind: 'epoch', epoch: encodeEpoch(epoch(2, 'x'.repeat(1000))), best: false });
  t.regex(other.told.failure!, /make no sense/);
});

test('a metric that is none is named by its line', (t) => {
  const { told, events } = toldBy(true);
  told.line('stdout', 'hello');
  told.line('stdout', '{"metric": "loss", "value": "low"}');
  t.is(
    (events.at(-1) as { line: string }).line,
    'line 2 of its standard output was refused as a metric: "value" of loss is no finite number',
  );
});

test('the pipe takes metrics and nothing else', (t) => {
  const { told, events } = toldBy(true);
  told.metricsLine('{"metric": "loss", "value": 0.5}');
  told.metricsLine('');
  told.metricsLine('loss=0.5');
  t.like(told.facts(), { metrics: [{ name: 'loss', value: 0.5 }], metricsLost: 1 });
  t.is((events.at(-1) as { line: string }).line, 'line 3 of its pipe was refused as a metric: it is no JSON object with "metric"');
});

test('a program that is wrong in each line is told so a hundred times', (t) => {
  const { told, events } = toldBy(true);
  for (let line = 0; line < 1000; line += 1) told.metricsLine('no');
  t.is(events.length, 100);
  t.is(told.facts().metricsLost, 1000);
});
