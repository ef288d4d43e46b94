/**
 * What an execution is: a stream of frames through a plan, what it needs around it, and what comes out of it. The engine carries it out.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import type { Clock } from '../../mesh/clock.ts';
import type { Codec } from '../../mesh/codec.ts';
import type { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Link } from '../../mesh/link/link.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { StageUse } from '../../mesh/stage.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import type { Plan } from '../../partition/plan.ts';
import type { AgentPort } from '../deploy/agent-port.ts';
import type { SourceServer } from '../deploy/source-server.ts';
import type { LoadedStage, StageModel } from '../deploy/stage-order.ts';
import type { FailedFrame } from '../recovery/quarantine.ts';
import type { MeasuredRows } from '../store/records.ts';
import type { Dropping } from './arrivals.ts';
import type { DeliveryCount } from './delivery.ts';
import type { EpochRecord } from './epoch-log.ts';
import type { FrameInput } from './frame-input.ts';
import type { Replanner } from './replan.ts';
import type { Watcher } from './run-events.ts';
import type { OutputConsumer } from './sink.ts';
import type { CodecSteering } from './steering.ts';

export interface Execution {
  /** For whoever watches: what this is, when it is not the run itself. */
  readonly title?: string;
  readonly run: string;
  /** For messages: how the person calls the model. */
  readonly model: string;
  /** The first; another takes over when it can't go on. */
  readonly plan: Plan;
  /** By stage id; of replicas by the id of the stage they are replicas of. */
  readonly models: ReadonlyMap<string, StageModel>;
  readonly input: FrameInput;
  /** Of the input; those that are dropped count, too. Without drops, ids are below. */
  readonly frames: number;
  /** The first to be sent (default 0): all below were committed by an earlier execution of the same run. */
  readonly first?: FrameId;
  readonly consumers: readonly OutputConsumer[];
  readonly window: number | 'auto';
  readonly rateFps: number | undefined;
  /** What becomes of frames that can't go in time, in an open loop. Undefined: they wait. */
  readonly dropping?: Dropping | undefined;
  readonly session: SessionSettings;
  /** Is run on each device now and then. Undefined: how fast devices are just then is not looked at. */
  readonly speedProbe: TimingItem | undefined;
  /** CPU time relative to other runs on the same devices, when it is short; 100 is usual. */
  readonly weight: number;
  /** Devices that get the models of all stages beforehand, and are used first when others are lost. */
  readonly spares: readonly string[];
  readonly codecs: CodecSteering;
  /** Gets what was measured, a few times a second and at the end. */
  readonly record: (rows: MeasuredRows) => void;
}

/** What an execution needs around it; the same for several. */
export interface Workplace {
  /** By device name; at least those of the plan. Devices may join while the run goes on. */
  readonly agents: ReadonlyMap<string, AgentPort>;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly server: SourceServer;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Brings a stage's files to its device. */
  readonly deliver: (agent: AgentPort, model: StageModel, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly watcher: Watcher;
  /** The person wants to stop. */
  readonly signal: AbortSignal;
  /** Calls `listener` when something happens to a device. Returns the function that stops it. */
  readonly onDevice: (listener: (change: DeviceChange) => void) => () => void;
  /** With what a run goes on when its plan can't, or when another would be better. */
  readonly replanner: Replanner;
}

export type DeviceChange =
  /** It does not answer, or its process has ended. */
  | { readonly kind: 'gone'; readonly device: string; readonly error: MeshError }
  /** It was not there, or gone, or started anew: nothing of a run is on it. */
  | { readonly kind: 'back'; readonly device: string }
  /** It takes no new stages, and those that are there should leave. */
  | { readonly kind: 'draining'; readonly device: string };

export interface Executed {
  /** The last that was carried out. */
  readonly plan: Plan;
  /** What happened, in order; one entry when nothing did. */
  readonly epochs: readonly EpochRecord[];
  /** Frames that were given up, because their stage failed on them again and again. */
  readonly failed: readonly FailedFrame[];
  readonly delivery: DeliveryCount;
  /** Frames that came, and those of them that were dropped; the others were sent. */
  readonly arrivals: { readonly offered: number; readonly dropped: number };
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly uses: readonly StageUse[];
  /** First frame sent → last frame arrived. */
  readonly elapsedMs: number;
  readonly window: number;
  readonly inputTitle: string;
}
