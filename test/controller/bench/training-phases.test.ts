import test from 'ava';
import { figures } from '../../../controller/bench/row-figures.ts';
import { phasesOf } from '../../../controller/bench/training-phases.ts';
import { recordOf } from '../report/sweep-fixture.ts';
import { trained, trainingOf } from '../report/training-fixture.ts';

const close = (value: number | undefined): number => Number(value?.toFixed(6));

test('time is that of an epoch of the last stage with all its phases, examples those of batches and steps', (t) => {
  const record = trained({ epochMs: 1000, middle: 3, accuracy: 0.97 });
  t.is(close(figures.timeMs(record)), 1000);
  t.is(close(figures.samplesPerS(record)), 12 * 64 * (1 / 0.8));
  t.is(figures.accuracy(record), 0.97);
  const { loadMs, stepsMs, batchesMs, validateMs, checkpointMs } = phasesOf(record)!;
  t.deepEqual([loadMs, ...[batchesMs, stepsMs, validateMs, checkpointMs].map(close)], [240, 100, 700, 150, 50]);
});

test('the median of the epochs: one that was disturbed changes nothing', (t) => {
  const { epochs, ...rest } = trainingOf({ epochMs: 1000, epochs: 5 });
  const disturbed = epochs.map((epoch, index) => (index === 1 ? { ...epoch, stepsMs: 90_000 } : epoch));
  t.is(close(figures.timeMs({ ...recordOf({}), training: { ...rest, epochs: disturbed } })), 1000);
});

test('epochs of before it was resumed were measured elsewhere', (t) => {
  const { epochs, ...rest } = trainingOf({ epochMs: 1000, resumedAt: 2 });
  const slow = epochs.map((epoch, index) => (index < 2 ? { ...epoch, stepsMs: 90_000 } : epoch));
  t.is(close(figures.timeMs({ ...recordOf({}), training: { ...rest, epochs: slow } })), 1000);
  const none = { ...recordOf({}), training: { ...rest, epochs, resumedAt: epochs.length } };
  t.deepEqual([figures.timeMs(none), figures.samplesPerS(none), phasesOf(none)], [undefined, undefined, undefined]);
  t.is(figures.accuracy(none), 0.95, 'it is as good as it was');
});

test('without an epoch of the last stage there is no figure; without a checkpoint there is no time of it', (t) => {
  const stopped = trained({ epochMs: 1000, epochs: 0, middle: 2 });
  t.deepEqual([figures.timeMs(stopped), figures.samplesPerS(stopped), figures.accuracy(stopped)], [undefined, undefined, undefined]);
  t.is(phasesOf(stopped), undefined);
  t.is(phasesOf(recordOf({ timeMs: 3 })), undefined);
  t.is(figures.accuracy(recordOf({ timeMs: 3 })), undefined);
  const { epochs, ...rest } = trainingOf({ epochMs: 1000 });
  const untold = epochs.map(({ checkpointMs: _, ...epoch }) => epoch);
  const record = { ...recordOf({}), training: { ...rest, epochs: untold } };
  t.is(phasesOf(record)!.checkpointMs, undefined);
  t.is(close(figures.timeMs(record)), 950);
});
