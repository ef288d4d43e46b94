/**
 * What an agent and the process of a benchmark of a model say to each other over their channel (channel.ts).
 *
 *     agent ── order: inference ──▶ process ── phase, progress …, figures ──▶ done, or failed                   and it exits
 *     agent ── order: training ───▶ process ── phase, training, progress …, epoch … ──▶ done, or failed         and it exits
 *     agent ── order: timing ─────▶ process ── phase, timed … ──▶ done, or failed                               and it exits
 */
import type { InferenceWorkload } from '../../../mesh/bench/order.ts';
import type { TimingWorkload } from '../../../mesh/timing/workload.ts';
import type { TrainingStage, TrainingWorkload } from '../../../mesh/training/workload.ts';
import type { ProbeFiles } from '../protocol.ts';

export type BenchProcessOrder = InferenceProcessOrder | TrainingProcessOrder | TimingProcessOrder;

export interface InferenceProcessOrder
  extends Pick<InferenceWorkload, 'kind' | 'inputs' | 'outputs' | 'session' | 'load' | 'findPeak' | 'seed'> {
  /** Absolute; its external data lies beside it under the names the model uses. */
  readonly modelPath: string;
}

/** Paths are absolute. */
export interface TrainingProcessOrder extends Pick<TrainingWorkload, 'kind' | 'session' | 'augment' | 'seed'> {
  readonly stages: readonly StageFiles[];
  readonly dataPath: string;
  readonly startPath: string;
  /** Where checkpoints are written: it exists, and has the best one already when the training is resumed. */
  readonly checkpointFolder: string;
}

/** Paths are absolute. */
export interface TimingProcessOrder extends Omit<TimingWorkload, 'items' | 'speedProbe'> {
  readonly items: readonly ItemFiles[];
  readonly speedProbe: ItemFiles | undefined;
}

export interface ItemFiles extends ProbeFiles {
  /** Undefined: random numbers. */
  readonly feedsPath: string | undefined;
}

export interface StageFiles extends Omit<TrainingStage, 'step' | 'forward'> {
  readonly stepPath: string;
  readonly forwardPath: string;
}

export type BenchProcessReport =
  | { readonly kind: 'phase'; readonly name: string }
  /** Queries, or steps of an epoch. */
  | { readonly kind: 'progress'; readonly queries: number; readonly elapsedMs: number }
  /** An encoded LoadFigures. */
  | { readonly kind: 'figures'; readonly figures: Uint8Array }
  /** An encoded TrainingFigures, before the first step. */
  | { readonly kind: 'training'; readonly figures: Uint8Array }
  /** One more is behind: an encoded EpochFigures, and whether its parameters are the best so far. */
  | { readonly kind: 'epoch'; readonly epoch: Uint8Array; readonly best: boolean }
  /** One more item is behind: an encoded TimedItem. */
  | { readonly kind: 'timed'; readonly item: Uint8Array }
  /** All was said. */
  | { readonly kind: 'done' }
  /** The runtime refuses the model, or a computation failed. */
  | { readonly kind: 'failed'; readonly reason: string };
