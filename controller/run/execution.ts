/**
 * What an execution is: one plan over a stream of frames, what it needs around it, and what comes out of it. The engine carries it out.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import type { Codec } from '../../mesh/codec.ts';
import type { MeshError } from '../../mesh/error.ts';
import type { Link } from '../../mesh/link/link.ts';
import type { StageUse } from '../../mesh/stage.ts';
import type { Plan } from '../../partition/plan.ts';
import type { AgentClient } from '../deploy/agent-client.ts';
import type { ControllerServer } from '../deploy/controller-server.ts';
import type { LoadedStage, SessionSettings, StageModel } from '../deploy/stage-order.ts';
import type { MeasuredRows } from '../store/records.ts';
import type { DeliveryCount } from './delivery.ts';
import type { FrameInput } from './frame-input.ts';
import type { Measurements } from './measurements.ts';
import type { Watcher } from './run-events.ts';
import type { OutputConsumer } from './sink.ts';
import type { CodecSteering } from './steering.ts';

export interface Execution {
  /** For whoever watches: what this is, when it is not the run itself. */
  readonly title?: string;
  readonly run: string;
  /** For messages: how the person calls the model. */
  readonly model: string;
  readonly plan: Plan;
  /** By stage id; of replicas by the id of the stage they are replicas of. */
  readonly models: ReadonlyMap<string, StageModel>;
  readonly input: FrameInput;
  readonly frames: number;
  readonly consumers: readonly OutputConsumer[];
  readonly window: number | 'auto';
  readonly rateFps: number | undefined;
  readonly session: SessionSettings;
  readonly codecs: CodecSteering;
  /** Gets what was measured, a few times a second and at the end. */
  readonly record: (rows: MeasuredRows) => void;
}

/** What an execution needs around it; the same for several. */
export interface Workplace {
  /** By device name; at least those of the plan. */
  readonly agents: ReadonlyMap<string, AgentClient>;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly server: ControllerServer;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Brings a stage's files to its device. */
  readonly deliver: (agent: AgentClient, model: StageModel, signal: AbortSignal) => Promise<void>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly watcher: Watcher;
  /** The person wants to stop. */
  readonly signal: AbortSignal;
  /** Calls `listener` when the mesh itself breaks (a local agent or nats-server died). */
  readonly onMeshDeath: (listener: (device: string | undefined, error: MeshError) => void) => void;
}

export interface Executed {
  readonly delivery: DeliveryCount;
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly measurements: Measurements;
  readonly uses: readonly StageUse[];
  /** First frame sent → last frame arrived. */
  readonly elapsedMs: number;
  readonly window: number;
  readonly inputTitle: string;
}
