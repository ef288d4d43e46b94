/**
 * The agent port: what a run asks of the agents of its devices. `agent-client.ts` speaks gRPC; the simulation has agents in its own process.
 *
 *     load ──▶ start ──▶ recode … ──▶ retire          watch: what happens to the stages, and that the agent itself is gone
 */
import type { CodecCycle } from '../../mesh/codec-cycle.ts';
import type { MeshError } from '../../mesh/error.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import type { StageEvent, StageKey, StageUse } from '../../mesh/stage.ts';
import type { LoadedStage, StageInputRoute, StageOrder } from './stage-order.ts';

export interface AgentPort {
  readonly name: string;

  /** Answers when the stage is ready to be started. */
  load(order: StageOrder, signal?: AbortSignal): Promise<LoadedStage>;

  /** `first`: no frame with a lower id comes. */
  start(key: StageKey, inputs: readonly StageInputRoute[], first: FrameId, signal?: AbortSignal): Promise<void>;

  /** Frames from the stage to `to` travel so from now on. */
  recode(key: StageKey, to: string, codecs: CodecCycle, signal?: AbortSignal): Promise<void>;

  /** Ends all stages of the run here up to and including `epoch`. A run that is not here is no error. */
  retire(run: string, epoch: Epoch, signal?: AbortSignal): Promise<StageUse[]>;

  /** Error `not-found` when it has no stage of the run. */
  renew(run: string, leaseMs: number, signal?: AbortSignal): Promise<void>;

  /**
   * Events of the run's stages, starting with the present state of each. `onEnd` is called once when the stream ends without `close`: the
   * agent has gone, or does not answer any more.
   */
  watch(run: string, onEvent: (event: StageEvent) => void, onEnd: (error: MeshError) => void): Watching;
}

export interface Watching {
  close(): void;
}
