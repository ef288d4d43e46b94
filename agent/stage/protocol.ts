/**
 * What an agent and its stage process say to each other over their channel (channel.ts).
 *
 *     agent ── load ──▶ stage        agent ── start, recode ──▶ stage   agent ── retire ──▶ stage
 *           ◀── ready ──                    ◀── progress, measure ──           ◀── retired ──  (then the process exits with code 0)
 *           ◀── failed ── (then the process exits with code 1)
 *
 * A stage whose channel closes (its agent is gone) exits at once.
 */
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { SessionFacts } from '../../mesh/session-facts.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { Turns } from '../../mesh/turns.ts';

export interface SessionSettings {
  readonly intraOpThreads: number;
  readonly spinning: boolean;
  readonly graphOptimization: 'disabled' | 'basic' | 'extended' | 'all';
}

export interface LoadOrder {
  readonly kind: 'load';
  readonly run: string;
  readonly stage: string;
  readonly epoch: bigint;
  /** Absolute path of the model file; its external data lies beside it under the names the model uses. */
  readonly modelPath: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly warmupRuns: number;
  /** HOST:0 — the interface the agent itself listens on. */
  readonly listen: string;
  readonly insecure: boolean;
  readonly windowFrames: number;
  readonly windowBytes: number;
  /** Who will pull what from this stage. */
  readonly routes: readonly {
    readonly to: string;
    readonly tensors: readonly string[];
    readonly codecs: CodecCycle;
    readonly turns?: Turns;
  }[];
}

export interface StartOrder {
  readonly kind: 'start';
  /** No frame with a lower id comes. */
  readonly first: bigint;
  readonly inputs: readonly {
    readonly from: string;
    readonly address: string;
    readonly tensors: readonly string[];
    readonly turns?: Turns;
  }[];
}

/** Frames to `to` travel so from now on. */
export interface RecodeOrder {
  readonly kind: 'recode';
  readonly to: string;
  readonly codecs: CodecCycle;
}

export interface RetireOrder {
  readonly kind: 'retire';
}

export type Order = LoadOrder | StartOrder | RecodeOrder | RetireOrder;

export type Report =
  | ({ readonly kind: 'ready'; readonly port: number } & SessionFacts)
  /** Frames computed so far; at most twice a second. */
  | { readonly kind: 'progress'; readonly frames: number }
  /** An encoded MeasureBatch without key and device, which the agent fills in. */
  | { readonly kind: 'measure'; readonly batch: Uint8Array }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string; readonly lostPeer?: string }
  | { readonly kind: 'retired'; readonly frames: number };
