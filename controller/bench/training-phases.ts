/**
 * Where the time of a training goes, as one number for each phase: medians over the epochs of its last stage.
 *
 *     load │ reconstruct 1 … n │ classify 1:  batches  steps  validate  checkpoint │ classify 2: …
 *                                             └── these, as the last stage is what all models have
 */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { type EpochFigures, epochMs, examplesPerS, type TrainingFigures, trainMs } from '../../mesh/training/figures.ts';
import { medianOf } from '../statistics/band.ts';

/** Milliseconds. */
export interface TrainingPhases {
  /** Files → sessions that can compute; once, not for each epoch. */
  readonly loadMs: number;
  readonly batchesMs: number;
  readonly stepsMs: number;
  readonly validateMs: number;
  /** Undefined: no epoch told it. */
  readonly checkpointMs: number | undefined;
}

/** Those that each epoch has, in their order. */
export const epochPhases = ['batchesMs', 'stepsMs', 'validateMs', 'checkpointMs'] as const satisfies readonly (keyof EpochFigures)[];

/** Undefined: no epoch of the last stage was completed in this run. */
export function phasesOf({ training }: BenchRecord): TrainingPhases | undefined {
  const epochs = epochsOf(training);
  if (training === undefined || epochs.length === 0) return undefined;
  const median = (phase: (typeof epochPhases)[number]): number | undefined => medianOrNot(epochs.flatMap((epoch) => epoch[phase] ?? []));
  return {
    loadMs: training.sessionMs,
    ...{ batchesMs: median('batchesMs')!, stepsMs: median('stepsMs')!, validateMs: median('validateMs')! },
    checkpointMs: median('checkpointMs'),
  };
}

/** Median over the epochs. */
export function epochTimeMs({ training }: BenchRecord): number | undefined {
  return medianOrNot(epochsOf(training).map(epochMs));
}

export function trainedPerS({ training }: BenchRecord): number | undefined {
  const timed = epochsOf(training).filter((epoch) => trainMs(epoch) > 0);
  return medianOrNot(timed.map((epoch) => examplesPerS(epoch, training!.batch)));
}

/** Of the validation, with the parameters that are kept as the best: 0 to 1. */
export function bestAccuracy({ training }: BenchRecord): number | undefined {
  return training?.bestEpoch === undefined ? undefined : training.epochs[training.bestEpoch]?.validation.accuracy;
}

/** Of the last stage, the only one that has a best epoch. Without those of before it was resumed, which another limit may have slowed down. */
function epochsOf(training: TrainingFigures | undefined): readonly EpochFigures[] {
  const last = training?.bestEpoch === undefined ? undefined : training.epochs[training.bestEpoch]?.stage;
  return last === undefined ? [] : training!.epochs.slice(training!.resumedAt).filter(({ stage }) => stage === last);
}

function medianOrNot(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : medianOf(values);
}
