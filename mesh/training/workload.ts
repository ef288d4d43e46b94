/**
 * Training as a controller asks an agent for it. All that depends on the architecture is in graphs; the agent feeds them and keeps what they give.
 *
 *     start ─▶ kept tensors ──▶ ┌──────┐ ──▶ new/… ─▶ kept tensors …     an epoch: all batches of the examples, in an order of its own
 *     data  ─▶ batch, labels ─▶ │ step │ ──▶ loss, correct
 *                               └──────┘
 *     kept tensors, batch ────▶ forward ───▶ output: how good it is on what it was not trained with
 *
 * A checkpoint is a start: whoever resumes gives the last one.
 */
import type { Blob } from '../files/blob.ts';
import type { SessionSettings } from '../session-settings.ts';
import type { TensorSpec } from '../tensor.ts';
import type { LearningRateSchedule } from './learning-rate.ts';

export interface TrainingWorkload {
  readonly kind: 'training';
  /** A name under which its checkpoints are kept on the device. */
  readonly training: string;
  /** One after the other, on the same parameters. */
  readonly stages: readonly TrainingStage[];
  /** Tensors `train.windows` [count, window], `train.labels` int64 [count], and the same of `validation`. */
  readonly data: Blob;
  /** See checkpoint.ts. */
  readonly start: Blob;
  /** The best one so far, when it is resumed. */
  readonly best: Blob | undefined;
  readonly session: SessionSettings;
  readonly augment: boolean;
  /** Of the order of examples, their augmentation and Dropout. */
  readonly seed: number;
}

export interface TrainingStage {
  readonly name: string;
  /** What its forward graph gives is compared with the labels, or with what went in. */
  readonly goal: Goal;
  /** The graph of one step, in float32. Its names: mesh/training-tensors.ts. */
  readonly step: Blob;
  /** The model as it is run, for as many examples; its kept tensors are inputs. */
  readonly forward: Blob;
  /** The batch: [examples, …]. */
  readonly input: TensorSpec;
  /** Of the forward graph: scores [examples, classes], or a reconstruction of the input. */
  readonly output: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
}

export const goals = ['classify', 'reconstruct'] as const;
export type Goal = (typeof goals)[number];
