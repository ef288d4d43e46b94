/** All that a person can say about a training, as it is kept. Options of the benchmark of Zhao et al., ISA Transactions 107, 2020. */
import type { LearningRateSchedule } from '../../mesh/training/learning-rate.ts';
import type { Optimizer } from '../../partition/gradient/optimizer.ts';
import type { Normalization, Split } from '../data-sets/data-set.ts';

export interface TrainingSpec {
  /** As the person named it. */
  readonly model: string;
  readonly dataSet: string;
  /** Absolute; undefined for a data set that is made. */
  readonly dataFolder: string | undefined;
  readonly normalization: Normalization;
  readonly split: Split;
  /** Of the examples to train with, anew each epoch. */
  readonly augment: boolean;
  /** Examples of a step. */
  readonly batch: number;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  readonly epochs: number;
  /** Of an auto-encoder, before those: it learns to reconstruct. */
  readonly middleEpochs: number;
  /** Of the sparse auto-encoder: the mean activation wanted of each unit of its code. */
  readonly sparsity: number;
  /** Of weights, data that is made, the split, orders of examples, augmentation and Dropout. */
  readonly seed: number;
  /** 0: as many as whole cores are available. */
  readonly threads: number;
}
