/**
 * What an agent and the process of an inference benchmark say to each other over their channel (channel.ts).
 *
 *     agent ── order ──▶ process ── phase, progress … ──▶ figures, or failed        and it exits
 */
import type { InferenceWorkload } from '../../../mesh/bench/order.ts';

export interface BenchProcessOrder extends Pick<InferenceWorkload, 'inputs' | 'outputs' | 'session' | 'load' | 'findPeak' | 'seed'> {
  /** Absolute; its external data lies beside it under the names the model uses. */
  readonly modelPath: string;
}

export type BenchProcessReport =
  | { readonly kind: 'phase'; readonly name: string }
  | { readonly kind: 'progress'; readonly queries: number; readonly elapsedMs: number }
  /** An encoded LoadFigures. */
  | { readonly kind: 'figures'; readonly figures: Uint8Array }
  /** The runtime refuses the model, or a computation failed. */
  | { readonly kind: 'failed'; readonly reason: string };
