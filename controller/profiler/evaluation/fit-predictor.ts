/** What is evaluated: anything that learns from samples and then predicts. It is given nothing of what it is asked about but what is known beforehand. */
import type { Kernel } from '../../../mesh/kernel.ts';
import type { Prediction } from '../prediction.ts';
import type { Sample } from '../sample.ts';
import type { KernelsOf } from '../subject-kernels.ts';

/** Without any time that was measured. */
export interface Asked extends Pick<Sample, 'subject' | 'circumstance' | 'state'> {
  readonly kernels?: readonly Kernel[];
}

export interface Fitted {
  /** Undefined: it can't say. */
  predict(asked: Asked): Prediction | undefined;
  /** A timing of a device that may be new: it took `ms`. */
  learn?(asked: Asked, ms: number): unknown;
  /** What counts, largest first. */
  readonly importance?: readonly Importance[];
}

export interface Importance {
  readonly name: string;
  /** Of 1. */
  readonly share: number;
}

export interface FitOptions {
  readonly seed: number;
  /** Which kernels a sample has: known of a subject before it is measured. Without times. */
  readonly kernelsOf: KernelsOf;
}

export type FitPredictor = (train: readonly Sample[], options: FitOptions) => Fitted;
