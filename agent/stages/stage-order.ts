/**
 * What an agent is asked to run: a model as a stage, with its limits and routes.
 */
import type { Blob } from '../../mesh/files/blob.ts';
import type { SessionFacts } from '../../mesh/session-facts.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { StageKey } from '../../mesh/stage.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import type { OpenOrder, StartOrder } from '../stage/protocol.ts';

export interface StageOrder {
  readonly key: StageKey;
  readonly model: Blob;
  /** By the relative names the model uses. */
  readonly externalData: ReadonlyMap<string, Blob>;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
  readonly session: SessionSettings;
  readonly cpuQuotaCores?: number;
  readonly memoryLimitBytes?: number;
  /** CPU time relative to other stages of this device when it is short; 100 is usual. */
  readonly weight: number;
  readonly warmupRuns: number;
  /** Is run now and then between two frames. */
  readonly speedProbe?: TimingItem;
  readonly leaseMs: number;
  /** In a process of its own, although an older epoch may have it loaded. */
  readonly fresh: boolean;
  readonly windowFrames: number;
  readonly windowBytes: number;
  readonly routes: OpenOrder['routes'];
}

export type StageStart = Omit<StartOrder, 'kind' | 'epoch'>;

export interface LoadedStage extends SessionFacts {
  /** Port on which the stage serves Pull. */
  readonly port: number;
  /** As it really is, after defaults. */
  readonly session: SessionSettings;
  /** An older epoch had it loaded. */
  readonly reused: boolean;
}
