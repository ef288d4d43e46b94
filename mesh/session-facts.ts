/** What loading a model into a session and running it on zeros (its warm-up) showed. */
import type { Kernel } from './kernel.ts';
import type { TensorSpec } from './tensor.ts';

export interface SessionFacts {
  readonly loadMs: number;
  readonly warmupMs: number;
  /** As they came out of the last warm-up run: real types and sizes. Empty without a warm-up; outputs that can't travel are left out. */
  readonly outputs: readonly TensorSpec[];
  /** What was computed, each once. Empty without a warm-up, or when the runtime would not tell. */
  readonly kernels: readonly Kernel[];
}
