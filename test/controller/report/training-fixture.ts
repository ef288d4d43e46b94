/**
 * Sweeps of training as a device would have them, made up: below what a model needs it is killed; the closer the limit comes, the slower an epoch.
 */
import type { LimitValue, SweepSpec } from '../../../controller/bench/sweep.ts';
import type { TrainingSpec } from '../../../controller/bench/training-spec.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import { Random } from '../../../mesh/random.ts';
import type { EpochFigures, TrainingFigures } from '../../../mesh/training/figures.ts';
import { type Made, type MadeSweep, recordOf, spec, sweepOf } from './sweep-fixture.ts';

const MIB = 2 ** 20;

export const trainingSpec: TrainingSpec = {
  ...{ model: 'mlp1d', dataSet: 'synthetic-bearing', dataFolder: undefined, normalization: 'mean-std', split: 'random', augment: true },
  ...{ batch: 64, optimizer: { kind: 'adam', weightDecay: 1e-5 }, learningRate: 1e-3, schedule: { kind: 'fix' } },
  ...{ epochs: 4, middleEpochs: 2, sparsity: 0.2, seed: 3, threads: 2 },
};

export interface MadeTraining {
  /** Of an epoch, all phases together. */
  readonly epochMs: number;
  readonly epochs?: number;
  /** Of the best epoch, the last. */
  readonly accuracy?: number;
  /** Epochs of reconstruction before, half as long. */
  readonly middle?: number;
  readonly resumedAt?: number;
}

export function trainingOf({ epochMs, epochs = 4, accuracy = 0.95, middle = 0, resumedAt = 0 }: MadeTraining): TrainingFigures {
  const epoch = (stage: string, index: number, ms: number, share: number | undefined): EpochFigures => ({
    ...{ stage, epoch: index + 1, learningRate: 1e-3, steps: 12 },
    train: { loss: 2 / (index + 1), ...(share === undefined ? {} : { accuracy: 0.9 * share }) },
    validation: { loss: 1.5 / (index + 1), ...(share === undefined ? {} : { accuracy: share }) },
    ...{ batchesMs: 0.1 * ms, stepsMs: 0.7 * ms, validateMs: 0.15 * ms, checkpointMs: 0.05 * ms },
  });
  const all = [
    ...Array.from({ length: middle }, (_, index) => epoch('reconstruct', index, epochMs / 2, undefined)),
    ...Array.from({ length: epochs }, (_, index) => epoch('classify', index, epochMs, accuracy * (1 - 0.1 * (epochs - 1 - index)))),
  ];
  return {
    ...{ batch: 64, trainExamples: 768, validationExamples: 200, sessionMs: 240, epochs: all, resumedAt },
    ...(epochs === 0 ? {} : { bestEpoch: all.length - 1 }),
  };
}

export function trained(figures: MadeTraining | undefined, made: Made = {}): BenchRecord {
  const record = recordOf(made);
  return figures === undefined ? record : { ...record, training: trainingOf(figures) };
}

export const oneVariant = [spec.variants[0]!];

/** `needs`: MiB. Three repeats of 64 to 320 MiB, the accuracy the same in all. */
export function trainingSweep(model: string, needs: number, { epochMs = 1200, middle = 0, ...part }: TrainingPart = {}): MadeSweep {
  const random = new Random(needs);
  const values = [320, 288, 256, 224, 192, 160, 128, 96, 64];
  const whole: Partial<SweepSpec> = {
    variants: oneVariant,
    workload: { mode: 'train', model, sha256: 'cd'.repeat(32), training: { ...trainingSpec, model } },
    ...part,
  };
  return sweepOf(whole, values, 3, ({ value }) => {
    const limits = { memoryLimitBytes: value * MIB };
    if (value < needs)
      return trained({ epochMs, epochs: 0, middle: 0 }, { limits, peakBytes: value * MIB, outcome: { kind: 'out-of-memory' } });
    const slowed = epochMs * (1 + 0.6 * (needs / value) ** 4) * (0.97 + 0.06 * random.next());
    return trained({ epochMs: slowed, middle, accuracy: 0.9 + needs / 4000 }, { limits, peakBytes: Math.min(value, needs * 1.2) * MIB });
  });
}

export interface TrainingPart extends Partial<SweepSpec> {
  readonly epochMs?: number;
  readonly middle?: number;
}

/** Of the best model of a training of the same name. */
export function inferenceSweep(model: string, needs: number, part: Partial<SweepSpec> & { readonly timeMs?: number } = {}): MadeSweep {
  const { timeMs = 0.4, ...rest } = part;
  const values = [320, 288, 256, 224, 192, 160, 128, 96, 64];
  const workload = { ...spec.workload, mode: 'infer', model, trained: `train-${model}` } as SweepSpec['workload'];
  return sweepOf({ variants: oneVariant, workload, ...rest }, values, 3, ({ value, repeat }) =>
    value < needs
      ? recordOf({ peakBytes: value * MIB, outcome: { kind: 'out-of-memory' } })
      : recordOf({ peakBytes: 0.9 * needs * MIB, timeMs: timeMs * (1 + 0.01 * repeat + needs / value / 10) }),
  );
}

/** With a name and a time of its own. */
export function named({ sweep, rows }: MadeSweep, name: string, at: number): MadeSweep {
  return { sweep: { ...sweep, sweep: name, startedMs: sweep.startedMs + at }, rows };
}

/** Two models, each trained and then inferred; the second needs more than was tried. */
export function study(): MadeSweep[] {
  const part = { study: 'st1' };
  return [
    named(trainingSweep('mlp1d', 192, part), 'st1-1', 0),
    named(inferenceSweep('mlp1d', 96, part), 'st1-2', 1),
    named(trainingSweep('cnn1d', 400, part), 'st1-3', 2),
    named(inferenceSweep('cnn1d', 0, part), 'st1-4', 3),
  ];
}

/** Training against CPU. */
export function cpuTraining(
  model: string,
  values: readonly LimitValue[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
): MadeSweep {
  const workload = { mode: 'train', model, sha256: 'cd'.repeat(32), training: { ...trainingSpec, model } } as const;
  return sweepOf({ limit: 'cpu', variants: oneVariant, workload }, values, 2, ({ value }) =>
    trained({ epochMs: 300 + 800 / value }, { limits: { cpuQuotaCores: value }, peakBytes: 120 * MIB }),
  );
}
