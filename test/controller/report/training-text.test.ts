/** A training in the terminal: a line for each epoch, a table that fits a screen, nothing made up where nothing was measured. */
import test from 'ava';
import { epochLine, trainingLines } from '../../../controller/report/training-text.ts';
import type { EpochFigures, TrainingFigures } from '../../../mesh/training/figures.ts';

const epoch = (number: number, changes: Partial<EpochFigures> = {}): EpochFigures => ({
  ...{ stage: 'classify', epoch: number, learningRate: 0.1, steps: 10, batchesMs: 100, stepsMs: 900, validateMs: 200, checkpointMs: 50 },
  train: { loss: 2 / number, accuracy: 0.5 },
  validation: { loss: 3 / number, accuracy: 0.875 },
  ...changes,
});
const figures = (epochs: readonly EpochFigures[], changes: Partial<TrainingFigures> = {}): TrainingFigures => ({
  ...{ batch: 64, trainExamples: 800, validationExamples: 200, sessionMs: 250, resumedAt: 0, epochs },
  ...changes,
});
const text = (all: TrainingFigures): string => trainingLines(all, 200).join('\n');

test('an epoch in a line', (t) => {
  t.is(epochLine(epoch(2)), 'classify 2: loss 1.00, 50.0 % right; validation 1.50, 87.5 % right; 1.25 s');
  const rebuilt = epoch(1, { stage: 'reconstruct', train: { loss: 0.5 }, validation: { loss: 0.25 } });
  t.is(epochLine(rebuilt), 'reconstruct 1: loss 0.50; validation 0.25; 1.25 s');
});

test('figures of each epoch: examples a second, milliseconds a batch, the best marked', (t) => {
  const shown = text(figures([epoch(1), epoch(2)], { bestEpoch: 1 }));
  t.regex(shown, /best +87\.5 % of the validation right, epoch 2 of classify/);
  t.regex(shown, /batches 0\.20 s, steps 1\.80 s, validation 0\.40 s, checkpoints 0\.10 s/);
  t.regex(shown, /classify +2 +1\.00 +50\.0 % +1\.50 +87\.5 % +640 +90\.0 +1\.00 +0\.20 +0\.05 +best/);
  t.notRegex(shown, /resumed/);
});

test('what is not known is not a number', (t) => {
  const { checkpointMs: _, ...unwritten } = epoch(1);
  const shown = text(figures([unwritten], { resumedAt: 1 }));
  t.regex(shown, /0\.20 +–/);
  t.regex(shown, /resumed +after 1 epoch,/);
  const none = text(figures([]));
  t.regex(none, /no epoch of the last stage was completed/);
  t.notRegex(none, /VAL LOSS/);
});

test('of many epochs the first, the last and the best are shown', (t) => {
  const shown = text(
    figures(
      Array.from({ length: 100 }, (_, index) => epoch(index + 1)),
      { bestEpoch: 49 },
    ),
  );
  const numbers = [...shown.matchAll(/^classify +(\d+) /gm)].map(([, number]) => Number(number));
  t.deepEqual(numbers, [
    ...Array.from({ length: 12 }, (_, index) => index + 1),
    50,
    ...Array.from({ length: 12 }, (_, index) => index + 89),
  ]);
  t.regex(shown, /100 epochs in all/);
});
