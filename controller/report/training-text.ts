/** How a training is told to a person: an epoch in a line, all of them in a table. */
import { type EpochFigures, epochMs, examplesPerS, type GoalFigures, type TrainingFigures } from '../../mesh/training/figures.ts';
import type { LearningRateSchedule } from '../../mesh/training/learning-rate.ts';
import type { Optimizer } from '../../partition/gradient/optimizer.ts';
import { duration, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import { wrapped } from '../text/wrap.ts';
import type { Nulled } from './nulled.ts';

/** `classify 3: loss 0.412, 87.1 % right; validation 0.398, 88.5 %; 1.21 s`. */
export function epochLine(epoch: EpochFigures): string {
  const goal = ({ loss, accuracy }: GoalFigures): string =>
    accuracy === undefined ? threeDigits(loss) : `${threeDigits(loss)}, ${rightText(accuracy)} right`;
  return `${epoch.stage} ${epoch.epoch}: loss ${goal(epoch.train)}; validation ${goal(epoch.validation)}; ${duration(epochMs(epoch))}`;
}

const head: readonly Column[] = [
  { title: 'STAGE' },
  { title: 'EPOCH', align: 'right' },
  { title: 'LOSS', align: 'right' },
  { title: 'RIGHT', align: 'right' },
  { title: 'VAL LOSS', align: 'right' },
  { title: 'VAL RIGHT', align: 'right' },
  { title: 'EXAMPLES/S', align: 'right' },
  { title: 'MS/BATCH', align: 'right' },
  { title: 'TRAIN S', align: 'right' },
  { title: 'VALIDATE S', align: 'right' },
  { title: 'WRITE S', align: 'right' },
  { title: 'NOTE', flexible: true },
];

/** As many epochs as fit a screen: the first, the last, the best. */
const SHOWN_MAX = 24;

/** What it came to, where its time went, and its epochs. */
export function trainingLines(figures: TrainingFigures, columns: number): string[] {
  const { epochs, bestEpoch, resumedAt, batch, trainExamples, validationExamples, sessionMs } = figures;
  const best = bestEpoch === undefined ? undefined : epochs[bestEpoch]!;
  const sum = (of: (epoch: EpochFigures) => number): string => duration(epochs.reduce((total, epoch) => total + of(epoch), 0));
  const place = ({ stage, epoch }: EpochFigures): string => `epoch ${epoch} of ${stage}`;
  const right = best?.validation.accuracy;
  return [
    ...wrapped('examples', `${trainExamples} to train with in batches of ${batch}, ${validationExamples} to validate`, columns),
    ...(best === undefined
      ? wrapped('best', 'no epoch of the last stage was completed', columns)
      : wrapped(
          'best',
          `${right === undefined ? `loss ${threeDigits(best.validation.loss)}` : `${rightText(right)} of the validation right`}, ${place(best)}`,
          columns,
        )),
    ...(resumedAt > 0
      ? wrapped('resumed', `after ${resumedAt} ${resumedAt === 1 ? 'epoch' : 'epochs'}, whose figures are those of then`, columns)
      : []),
    ...wrapped(
      'time',
      `load ${duration(sessionMs)}, batches ${sum((epoch) => epoch.batchesMs)}, steps ${sum((epoch) => epoch.stepsMs)}, validation ${sum((epoch) => epoch.validateMs)}, checkpoints ${sum((epoch) => epoch.checkpointMs ?? 0)}`,
      columns,
    ),
    ...(epochs.length === 0
      ? []
      : [
          '',
          ...formatTable(
            head,
            shown(epochs, bestEpoch).map((index) => cells(figures, index)),
            columns,
          ),
        ]),
    ...(epochs.length > SHOWN_MAX ? [`${epochs.length} epochs in all: --json has them`] : []),
  ];
}

function shown(epochs: readonly EpochFigures[], bestEpoch: number | undefined): number[] {
  const all = epochs.map((_, index) => index);
  if (all.length <= SHOWN_MAX) return all;
  return all.filter((index) => index < SHOWN_MAX / 2 || index >= all.length - SHOWN_MAX / 2 || index === bestEpoch);
}

function cells({ epochs, bestEpoch, batch }: TrainingFigures, index: number): string[] {
  const epoch = epochs[index]!;
  const right = ({ accuracy }: GoalFigures): string => (accuracy === undefined ? '–' : rightText(accuracy));
  return [
    epoch.stage,
    String(epoch.epoch),
    threeDigits(epoch.train.loss),
    right(epoch.train),
    threeDigits(epoch.validation.loss),
    right(epoch.validation),
    threeDigits(examplesPerS(epoch, batch)),
    threeDigits(epoch.stepsMs / epoch.steps),
    threeDigits((epoch.batchesMs + epoch.stepsMs) / 1000),
    threeDigits(epoch.validateMs / 1000),
    epoch.checkpointMs === undefined ? '–' : threeDigits(epoch.checkpointMs / 1000),
    index === bestEpoch ? 'best' : '',
  ];
}

/** A share of examples: `97.5 %`. */
export function rightText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `Adam, β₁ 0.9, β₂ 0.999, weight decay 0.00001`. Numbers as they were given: these are settings, not measurements. */
export function optimizerText(optimizer: Nulled<Optimizer>): string {
  const { kind, weightDecay } = optimizer;
  const own =
    kind === 'sgd' ? `SGD, momentum ${optimizer.momentum ?? 0}` : `Adam, β₁ ${optimizer.beta1 ?? 0.9}, β₂ ${optimizer.beta2 ?? 0.999}`;
  return `${own}, weight decay ${weightDecay ?? 0}`;
}

export function scheduleText(schedule: LearningRateSchedule): string {
  switch (schedule.kind) {
    case 'fix':
      return 'the same in all epochs';
    case 'exp':
      return `× ${schedule.gamma} after each epoch`;
    case 'step':
      return `× ${schedule.gamma} at the epochs ${schedule.steps.join(', ')}`;
    case 'stepLR':
      return `× ${schedule.gamma} every ${schedule.every} epochs`;
  }
}
