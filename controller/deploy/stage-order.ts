/**
 * What a controller orders from an agent: load this model as that stage, with these limits and these routes.
 */
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { Blob } from '../../mesh/files/blob.ts';
import type { SessionFacts } from '../../mesh/session-facts.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { StageKey } from '../../mesh/stage.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import type { Turns } from '../../mesh/turns.ts';

export interface StageModel {
  readonly model: Blob;
  /** Files that the model's external data refers to, by the relative names it uses. */
  readonly externalData: Readonly<Record<string, Blob>>;
}

export interface StageOrder extends StageModel {
  readonly key: StageKey;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly warmupRuns: number;
  /** Is run now and then between two frames, so that it is known how fast the device is just then. */
  readonly speedProbe?: TimingItem;
  /** The agent retires the stage when it is not renewed for this long. */
  readonly leaseMs: number;
  /** What the stage may hold of each route at once. */
  readonly windowFrames: number;
  readonly windowBytes: number;
  /** CPU time relative to other stages of the device when it is short; 100 is usual. */
  readonly weight: number;
  /** Not in a process that an older epoch has loaded: it is not trusted any more. */
  readonly fresh: boolean;
  /** Who will pull what from this stage. */
  readonly routes: readonly StageOutputRoute[];
}

export interface StageOutputRoute {
  /** Stage id, or `sink`. */
  readonly to: string;
  readonly tensors: readonly string[];
  /** How frames travel at first. */
  readonly codecs: CodecCycle;
  /** The frames it carries. Absent: every frame. */
  readonly turns?: Turns;
}

export interface StageInputRoute {
  /** Stage id, or `source`. */
  readonly from: string;
  readonly address: string;
  readonly tensors: readonly string[];
  /** The frames it carries. Absent: every frame. */
  readonly turns?: Turns;
}

export interface LoadedStage extends SessionFacts {
  /** Where the stage serves Pull. */
  readonly address: string;
  readonly threads: number;
  /** An older epoch had it loaded. */
  readonly reused: boolean;
}
