/** What is kept of a training: plain numbers for each epoch. */

export interface TrainingFigures {
  /** Examples of one step. */
  readonly batch: number;
  readonly trainExamples: number;
  readonly validationExamples: number;
  /** Files → sessions that can compute, of the stages that ran. */
  readonly sessionMs: number;
  /** All of them, also those before it was resumed. */
  readonly epochs: readonly EpochFigures[];
  /** Index of the epoch whose parameters are kept as the best; absent: none yet. */
  readonly bestEpoch?: number;
  /** How many of the epochs were there when it began: it was resumed. */
  readonly resumedAt: number;
}

export interface EpochFigures {
  readonly stage: string;
  /** Within its stage, from 1. */
  readonly epoch: number;
  readonly learningRate: number;
  readonly train: GoalFigures;
  readonly validation: GoalFigures;
  /** Making batches: order, augmentation, copying. */
  readonly batchesMs: number;
  readonly stepsMs: number;
  readonly validateMs: number;
  /** Writing it; absent: it was not known when it was written, and the process has not said it since. */
  readonly checkpointMs?: number;
  readonly steps: number;
}

export interface GoalFigures {
  /** Mean over the examples. */
  readonly loss: number;
  /** Share of the examples, 0 to 1; absent: there is nothing to be right about. */
  readonly accuracy?: number;
}

/** Batches and steps: what an epoch of training takes without looking at how good it is. Milliseconds. */
export function trainMs({ batchesMs, stepsMs }: EpochFigures): number {
  return batchesMs + stepsMs;
}

/** Milliseconds of all that belongs to it. */
export function epochMs(epoch: EpochFigures): number {
  return trainMs(epoch) + epoch.validateMs + (epoch.checkpointMs ?? 0);
}

export function examplesPerS(epoch: EpochFigures, batch: number): number {
  return (1000 * epoch.steps * batch) / trainMs(epoch);
}
