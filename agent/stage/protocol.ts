/**
 * What an agent and its stage process say to each other over their channel (channel.ts). The process owns one session; flows, one per epoch, go
 * through it.
 *
 *     agent ── load ──▶ stage       agent ── open, start, recode, retire ──▶ stage       agent ── end ──▶ stage    (it exits with code 0)
 *           ◀── ready ──                 ◀── opened, progress, measure, retired ──
 *           ◀── failed ──                ◀── failed with its epoch: the flow is over, the process is not ──
 *            (it exits with code 1)
 *
 * `open` may follow `load` at once. A stage whose channel closes (its agent is gone) exits at once.
 */
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { SessionFacts } from '../../mesh/session-facts.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import type { Turns } from '../../mesh/turns.ts';

/** What all flows have in common. */
export interface LoadOrder {
  readonly kind: 'load';
  readonly run: string;
  readonly stage: string;
  /** Absolute path of the model file; its external data lies beside it under the names the model uses. */
  readonly modelPath: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly warmupRuns: number;
  readonly speedProbe?: ProbeFiles;
  /** HOST:0 — the interface the agent itself listens on. */
  readonly listen: string;
  readonly insecure: boolean;
}

/** A short model that shows how fast the processor is. */
export interface ProbeFiles extends Pick<TimingItem, 'inputs' | 'outputs'> {
  /** In a folder of its own, where files may be made. */
  readonly modelPath: string;
}

/** A flow, to be pulled from as soon as it is opened. */
export interface OpenOrder {
  readonly kind: 'open';
  readonly epoch: Epoch;
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
  readonly epoch: Epoch;
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
  readonly epoch: Epoch;
  readonly to: string;
  readonly codecs: CodecCycle;
}

/** Ends one flow: nothing of it is given to the session any more. */
export interface RetireOrder {
  readonly kind: 'retire';
  readonly epoch: Epoch;
}

export interface EndOrder {
  readonly kind: 'end';
}

export type Order = LoadOrder | OpenOrder | StartOrder | RecodeOrder | RetireOrder | EndOrder;

export type Report =
  | ({ readonly kind: 'ready'; readonly port: number } & SessionFacts)
  | ({ readonly epoch: Epoch } & FlowReport)
  /** Without an epoch: the process itself failed, and all its flows with it. */
  | ({ readonly kind: 'failed'; readonly epoch?: undefined } & Failure);

export type FlowReport =
  | { readonly kind: 'opened' }
  | ({ readonly kind: 'progress' } & FlowProgress)
  /** An encoded MeasureBatch without key and device, which the agent fills in. */
  | { readonly kind: 'measure'; readonly batch: Uint8Array }
  | ({ readonly kind: 'failed' } & Failure)
  | { readonly kind: 'retired'; readonly frames: number };

/** Twice a second. */
export interface FlowProgress {
  /** Computed so far. */
  readonly frames: number;
  /** Complete here and not yet sent to every consumer. */
  readonly held: number;
  /** Of those: computed, and only waiting for a consumer to take them. */
  readonly blocked: number;
}

export interface Failure {
  readonly code: string;
  readonly reason: string;
  /** The stage that was lost, when that is the cause. */
  readonly lostPeer?: string;
}
