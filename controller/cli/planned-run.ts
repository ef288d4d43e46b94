/** A run that is planned, and the tools to carry it out with. */
import type { FrameId } from '../../mesh/frame.ts';
import type { SessionSettings } from '../../mesh/session-settings.ts';
import type { TimingItem } from '../../mesh/timing/workload.ts';
import type { Plan } from '../../partition/plan.ts';
import type { ErrorBudget } from '../codec/error-budget.ts';
import type { MeshSession } from '../deploy/mesh-session.ts';
import type { StageModel } from '../deploy/stage-order.ts';
import type { Activations } from '../profile/fused-activation.ts';
import type { StageForecast } from '../profile/stage-forecast.ts';
import type { Foretold } from '../report/run-report.ts';
import type { Dropping } from '../run/arrivals.ts';
import type { FrameInput } from '../run/frame-input.ts';
import type { PreparedCut } from '../run/prepare.ts';
import type { Recutter } from '../run/replan.ts';
import type { Watcher } from '../run/run-events.ts';
import type { OutputConsumer } from '../run/sink.ts';
import type { ParallelCosts } from '../run/split-by-cuts.ts';
import type { Verification } from '../run/verify.ts';
import type { Recorder } from '../store/recorder.ts';

export interface PlannedRun {
  readonly run: string;
  /** For a person: name of the model. */
  readonly model: string;
  /** See RunReport. */
  readonly parallel: ParallelCosts | undefined;
  readonly plan: Plan;
  /** Of the whole model; see `withActivations`. */
  readonly activations: Activations;
  readonly models: ReadonlyMap<string, StageModel>;
  /** The whole model as a plan of one stage on one device; made only when the run is verified. */
  readonly whole: () => Promise<{ readonly plan: Plan; readonly models: ReadonlyMap<string, StageModel> }>;
  readonly openInput: () => Promise<FrameInput>;
  readonly frames: number;
  /** All below were committed by an earlier process of this run. */
  readonly first: FrameId;
  /** What an earlier process found, when it had compared all that is to be compared. */
  readonly verified: Verification | undefined;
  /** Is told once, when all that is to be compared has been. */
  readonly onVerified: ((found: Verification) => void) | undefined;
  readonly verifyFrames: number;
  readonly output: OutputConsumer | undefined;
  readonly window: number | 'auto';
  readonly rateFps: number | undefined;
  readonly dropping: Dropping | undefined;
  readonly session: SessionSettings;
  /** Handed out by this controller; undefined: it could not be made. */
  readonly speedProbe: TimingItem | undefined;
  /** Devices that are kept ready. */
  readonly spares: readonly string[];
  readonly weight: number;
  readonly codecs: CodecWish;
  /** What a planner said of it. */
  readonly foretold?: Foretold;
  /** What the profiler foretold of its stages. */
  readonly forecast?: StageForecast;
  /** The planner, for when circumstances change. */
  readonly recutter?: Recutter;
}

/** How tensors are to travel. */
export interface CodecWish {
  /** `auto`, or the only codec to be used. */
  readonly codec: string;
  /** Undefined: none; then only a codec that is named may lose something. */
  readonly budget: ErrorBudget | undefined;
  readonly shadowEvery: number;
  readonly objective: 'throughput' | 'latency';
}

/** A run of a cut on devices, one for each seat of the cut. */
export type PlanRun = (cut: PreparedCut, seats: readonly string[]) => Promise<PlannedRun>;

export interface RunTools {
  readonly mesh: MeshSession;
  readonly recorder: Recorder;
  readonly watcher: Watcher;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly signal: AbortSignal;
}
