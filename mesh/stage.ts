/**
 * A stage as agents and controllers speak of it: its key, its state, and what happened to it.
 *
 *     loading ──▶ ready ──▶ running ──▶ retired        any state but the last two can end in failed
 */
import type { Epoch } from './frame.ts';

export interface StageKey {
  readonly run: string;
  readonly stage: string;
  readonly epoch: Epoch;
}

export const stageStates = ['loading', 'ready', 'running', 'failed', 'retired'] as const;
export type StageState = (typeof stageStates)[number];

export interface StageStatus {
  readonly key: StageKey;
  readonly state: StageState;
  readonly pid?: number;
  readonly frames: number;
}

export interface StageEvent {
  readonly key: StageKey;
  readonly device: string;
  readonly state: StageState;
  /** For failed and retired: why, for a person. Empty otherwise. */
  readonly reason: string;
  /** For failed: the stage this one lost, when that is the cause. */
  readonly lostPeer?: string;
  readonly frames: number;
  /** Of a running stage, twice a second. */
  readonly progress?: StageProgress;
}

export interface StageProgress {
  /** Frames that are complete here and not yet sent to every consumer. */
  readonly held: number;
  /** Of those: computed, and only waiting for a consumer to take them. */
  readonly blocked: number;
  /** Milliseconds since the stage process spoke last. */
  readonly silentMs: number;
}

/** What a stage used in its life. Absent: not known on this device. */
export interface StageUse {
  readonly key: StageKey;
  readonly frames: number;
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  /** Measurement batches published for it; the controller waits for as many. */
  readonly measureBatches: number;
}

/** For messages: `stage b of run r1 (epoch 2)`. */
export function formatStage(key: StageKey): string {
  return `stage ${key.stage} of run ${key.run} (epoch ${key.epoch})`;
}
