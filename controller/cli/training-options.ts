/** What `controller bench … --mode train` can be told. From words to values. */
import { resolve } from 'node:path';
import type { OptionValues } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import { type LearningRateSchedule, schedules } from '../../mesh/training/learning-rate.ts';
import { EPOCHS_MAX } from '../../mesh/wire-training.ts';
import type { Optimizer } from '../../partition/gradient/optimizer.ts';
import type { TrainingSpec } from '../bench/training-spec.ts';
import { normalizations } from '../data-sets/data-set.ts';
import { dataSetClasses, dataSetNames } from '../data-sets/load-data-set.ts';
import { parseSeed, parseThreads } from './bench-options.ts';
import { count, oneOf, positiveNumber, wholeNumber } from './options.ts';

export const trainingKinds = {
  'data-set': 'text',
  'data-folder': 'text',
  normalize: 'text',
  split: 'text',
  batch: 'text',
  optimizer: 'text',
  lr: 'text',
  momentum: 'text',
  'weight-decay': 'text',
  'lr-schedule': 'text',
  gamma: 'text',
  steps: 'text',
  epochs: 'text',
  'middle-epochs': 'text',
  sparsity: 'text',
} as const;

export const trainingHelp = `  --data-set NAME      ${dataSetNames.join(', ')} (default: the first, which is made and needs no files)
  --data-folder DIR    of the published files of the others
  --normalize HOW      each window: ${normalizations.join(', ')} (default mean-std)
  --split HOW          random+augmented (default), random, or ordered+augmented: the end of each signal validates
  --batch N            examples of a step (default 64)
  --optimizer NAME     adam (default) or sgd
  --lr RATE            learning rate (default 0.003)
  --momentum M         sgd: default 0.9
  --weight-decay D     default 0.00001
  --lr-schedule NAME   fix (default), exp (× gamma each epoch), step (× gamma at the epochs of --steps), stepLR (× gamma every --steps epochs)
  --gamma G            default 0.1
  --steps N,N…         step: 10,20,30 for example (default 9); stepLR: one number
  --epochs N           default 12
  --middle-epochs N    auto-encoders (ae1d, sae1d): epochs of reconstruction before (default 5, or as --epochs if that is less)
  --sparsity S         sae1d: the mean activation wanted of each unit of its code (default 0.05)`;

export type TrainingValues = OptionValues<typeof trainingKinds> & {
  readonly threads?: string | undefined;
  readonly seed?: string | undefined;
};

/** Epochs when nobody says how many. */
export interface TrainingDefaults {
  readonly epochs: number;
}

const MIDDLE_EPOCHS = 5;

const splitNames = ['random+augmented', 'random', 'ordered+augmented'] as const;

/** Error `usage` for settings that make no sense together. */
export function parseTraining(model: string, values: TrainingValues, defaults: TrainingDefaults): TrainingSpec {
  const dataSet = values['data-set'] ?? dataSetNames[0]!;
  // Fails for one that is not known.
  dataSetClasses(dataSet);
  const splitName = oneOf('--split', values.split ?? 'random+augmented', splitNames);
  const [split, augmented] = splitName.split('+') as ['random' | 'ordered', string | undefined];
  const epochs = epochsOf('--epochs', values.epochs, defaults.epochs, 1);
  return {
    model,
    dataSet,
    dataFolder: values['data-folder'] === undefined ? undefined : resolve(values['data-folder']),
    normalization: oneOf('--normalize', values.normalize ?? 'mean-std', normalizations),
    ...{ split, augment: augmented !== undefined },
    batch: values.batch === undefined ? 64 : count('--batch', values.batch, 1),
    optimizer: parseOptimizer(values),
    learningRate: values.lr === undefined ? 3e-3 : positiveNumber('--lr', values.lr),
    schedule: parseSchedule(values),
    epochs,
    middleEpochs: epochsOf('--middle-epochs', values['middle-epochs'], Math.min(epochs, MIDDLE_EPOCHS), 0),
    sparsity: values.sparsity === undefined ? 0.05 : share('--sparsity', values.sparsity),
    seed: parseSeed(values.seed),
    threads: parseThreads(values.threads),
  };
}

function parseOptimizer(values: TrainingValues): Optimizer {
  const kind = oneOf('--optimizer', values.optimizer ?? 'adam', ['adam', 'sgd']);
  const weightDecay = values['weight-decay'] === undefined ? 1e-5 : amount('--weight-decay', values['weight-decay']);
  if (kind === 'sgd') return { kind, weightDecay, momentum: values.momentum === undefined ? 0.9 : share('--momentum', values.momentum) };
  if (values.momentum !== undefined) throw new MeshError('usage', '--momentum is for --optimizer sgd');
  return { kind, weightDecay };
}

function parseSchedule(values: TrainingValues): LearningRateSchedule {
  const kind = oneOf('--lr-schedule', values['lr-schedule'] ?? 'fix', schedules);
  if (kind === 'fix' && values.gamma !== undefined) throw new MeshError('usage', '--gamma says nothing with --lr-schedule fix');
  if ((kind === 'fix' || kind === 'exp') && values.steps !== undefined)
    throw new MeshError('usage', `--steps says nothing with --lr-schedule ${kind}`);
  const gamma = values.gamma === undefined ? 0.1 : positiveNumber('--gamma', values.gamma);
  switch (kind) {
    case 'fix':
      return { kind };
    case 'exp':
      return { kind, gamma };
    case 'step':
      return { kind, gamma, steps: (values.steps ?? '9').split(',').map((text) => count('--steps', text.trim(), 1)) };
    case 'stepLR':
      return { kind, gamma, every: count('--steps', values.steps ?? '9', 1) };
  }
}

function epochsOf(option: string, text: string | undefined, otherwise: number, least: number): number {
  const epochs = text === undefined ? otherwise : wholeNumber(option, text, least);
  if (epochs > EPOCHS_MAX / 2) throw new MeshError('usage', `${option}: ${epochs} epochs are more than ${EPOCHS_MAX / 2}`);
  return epochs;
}

function share(option: string, text: string): number {
  const value = amount(option, text);
  if (value >= 1) throw new MeshError('usage', `${option}: "${text}" is not below 1`);
  return value;
}

function amount(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || !Number.isFinite(value))
    throw new MeshError('usage', `${option}: "${text}" is not a number of at least 0`);
  return value;
}
