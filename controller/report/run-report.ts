/**
 * What a run reports: `--json`, the store, `controller show` and the tables all are this one value. docs/schema/run.schema.json describes
 * it; test/controller/report holds the two together. Durations in milliseconds; what was not measured is null.
 */
import type { Kernel } from '../../mesh/kernel.ts';
import type { FrameMeasurement } from '../../mesh/measurement.ts';
import type { StageUse } from '../../mesh/stage.ts';
import type { Plan } from '../../partition/plan.ts';
import type { CodecsReport } from '../codec/codec-report.ts';
import type { LoadedStage } from '../deploy/stage-order.ts';
import type { StageForecastReport } from '../profile/stage-forecast.ts';
import type { FailedFrame } from '../recovery/quarantine.ts';
import type { Dropping } from '../run/arrivals.ts';
import type { DeliveryCount } from '../run/delivery.ts';
import type { EpochRecord } from '../run/epoch-log.ts';
import type { KernelDifference } from '../run/kernel-difference.ts';
import { FrameSummary, type MeasureSummary } from '../run/measure-summary.ts';
import type { ParallelCosts } from '../run/split-by-cuts.ts';
import type { Distribution } from '../run/statistics.ts';
import type { Verification } from '../run/verify.ts';
import { type ChangeReport, changesReport, type FailedFrameReport } from './changes-report.ts';
import { type LinkReport, linkReport, type StageReport, stageReport } from './stage-and-link-report.ts';

export interface RunReport {
  readonly run: string;
  readonly model: string;
  readonly plan: PlanReport;
  readonly frames: FramesReport;
  /** Frames per second, as {@link throughputOf} counts them. */
  readonly throughputFps: number | null;
  readonly latencyMs: Distribution | null;
  readonly stages: readonly StageReport[];
  readonly links: readonly LinkReport[];
  readonly verify: VerifyReport;
  /** The unsplit model on one device, measured just before with the same engine. Null with `--verify off`. */
  readonly oneDevice: OneDeviceReport | null;
  /** Most frames on their way at once, when the run ended. */
  readonly window: number;
  /** Null: closed loop. */
  readonly rateFps: number | null;
  readonly input: string;
  readonly elapsedMs: number;
  /** Only with layers in parallel parts. */
  readonly parallel?: ParallelCosts;
  /** Only with `@auto`. */
  readonly foretold?: Foretold;
  /** Only with `@auto` on devices that the profiler knows. */
  readonly forecast?: readonly StageForecastReport[];
  /** Only when the run went on with another plan: in order. */
  readonly changes?: readonly ChangeReport[];
  /** Only when frames were given up: they have no outputs. */
  readonly failedFrames?: readonly FailedFrameReport[];
  /** Only where codecs were chosen: `--codec auto`, or an error budget. */
  readonly codecs?: CodecsReport;
}

export interface FramesReport extends DeliveryCount {
  /** Only with --drop: how many came; what was not dropped was sent. */
  readonly offered?: number;
  readonly dropped?: number;
  readonly drop?: Dropping;
}

/** What the planner said of the plan that was carried out, from stages measured before. */
export interface Foretold {
  readonly objective: 'throughput' | 'latency' | 'energy';
  /** When frames come as fast as they can. */
  readonly throughputFps: number;
  /** Of a frame alone. */
  readonly latencyMs: number;
  readonly limit: string;
  /** How much more the best possible could be, by the planner's prices and what it knew; 0: nothing. */
  readonly gap: number;
  /** Plans that were tried to measure their stages before this one was chosen. */
  readonly trials: number;
}

export interface PlanReport {
  readonly epoch: number;
  readonly stages: readonly {
    readonly id: string;
    readonly device: string;
    readonly layers: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    /** Of a replica: the stage it is one of. */
    readonly replicaOf?: string;
  }[];
  readonly routes: readonly {
    readonly from: string;
    readonly to: string;
    readonly tensors: readonly string[];
    readonly codec: string;
    /** The frames it carries, by their ids modulo `of`. Absent: every frame. */
    readonly turns?: { readonly of: number; readonly at: readonly number[] };
  }[];
}

export interface VerifyReport extends Verification {
  /**
   * Kernels, as operator and name, that only the whole model ran, and that only its stages ran: why results may differ in their last bits. Null
   * when nothing was compared or a runtime did not tell.
   */
  readonly kernels: { readonly onlyWhole: readonly string[]; readonly onlySplit: readonly string[] } | null;
}

export interface OneDeviceReport {
  readonly device: string;
  readonly frames: number;
  readonly throughputFps: number | null;
  readonly latencyMs: Distribution | null;
  readonly computeMs: Distribution | null;
  readonly threads: number;
  /** Throughput of this run over that of the one device; null with --rate, where the source set the pace and not the mesh. */
  readonly speedup: number | null;
}

export interface ReportFacts {
  readonly run: string;
  readonly model: string;
  readonly plan: Plan;
  readonly delivery: DeliveryCount;
  readonly measured: MeasureSummary;
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly uses: readonly StageUse[];
  readonly verify: Verification;
  readonly kernels: KernelDifference | undefined;
  readonly oneDevice: Omit<OneDeviceReport, 'speedup'> | null;
  readonly window: number;
  readonly rateFps: number | undefined;
  /** Undefined: none could be. */
  readonly drops: (Dropping & { readonly offered: number; readonly dropped: number }) | undefined;
  readonly input: string;
  readonly elapsedMs: number;
  readonly parallel: ParallelCosts | undefined;
  readonly foretold: Foretold | undefined;
  readonly forecast: readonly StageForecastReport[] | undefined;
  readonly codecs: CodecsReport | undefined;
  readonly epochs: readonly EpochRecord[];
  readonly failed: readonly FailedFrame[];
}

export function reportOf(facts: ReportFacts): RunReport {
  const { plan, measured } = facts;
  const throughputFps = throughputOf(measured.frames, facts.rateFps);
  return {
    run: facts.run,
    model: facts.model,
    plan: planReport(plan),
    frames: framesReport(facts),
    throughputFps,
    latencyMs: measured.frames.latencyMs.distribution() ?? null,
    stages: plan.stages.map((stage) => stageReport(stage.id, stage.device, facts)),
    links: plan.routes.map((route) => linkReport(route.from, route.to, measured.link(route.from, route.to))),
    verify: { ...facts.verify, kernels: facts.kernels === undefined ? null : namesOf(facts.kernels) },
    oneDevice:
      facts.oneDevice === null
        ? null
        : { ...facts.oneDevice, speedup: facts.rateFps === undefined ? ratio(throughputFps, facts.oneDevice.throughputFps) : null },
    window: facts.window,
    rateFps: facts.rateFps ?? null,
    input: facts.input,
    elapsedMs: facts.elapsedMs,
    ...(facts.parallel === undefined ? {} : { parallel: facts.parallel }),
    ...(facts.foretold === undefined ? {} : { foretold: facts.foretold }),
    ...(facts.forecast === undefined || facts.forecast.length === 0 ? {} : { forecast: facts.forecast }),
    ...(facts.epochs.length < 2 ? {} : { changes: changesReport(facts.epochs) }),
    ...(facts.failed.length === 0 ? {} : { failedFrames: facts.failed.map(({ frame, cause }) => ({ frame: Number(frame), cause })) }),
    ...(facts.codecs === undefined ? {} : { codecs: facts.codecs }),
  };
}

function framesReport({ delivery, drops }: ReportFacts): FramesReport {
  if (drops === undefined) return delivery;
  const { offered, dropped, policy, deadlineMs } = drops;
  return { offered, dropped, drop: { policy, deadlineMs }, ...delivery };
}

function namesOf({ onlyWhole, onlySplit }: KernelDifference): VerifyReport['kernels'] {
  const name = (kernel: Kernel): string => `${kernel.operator} ${kernel.name}`;
  return { onlyWhole: onlyWhole.map(name), onlySplit: onlySplit.map(name) };
}

function ratio(value: number | null, reference: number | null): number | null {
  return value === null || reference === null ? null : value / reference;
}

/** The plan with names instead of specs and numbers instead of bigints: what JSON can hold. */
export function planReport(plan: Plan): PlanReport {
  return {
    epoch: Number(plan.epoch),
    stages: plan.stages.map(({ id, device, layers, inputs, outputs, replicaOf }) => ({
      id,
      device,
      layers,
      inputs: inputs.map((spec) => spec.name),
      outputs: outputs.map((spec) => spec.name),
      ...(replicaOf === undefined ? {} : { replicaOf }),
    })),
    routes: plan.routes.map(({ from, to, tensors, codec, turns }) => ({
      from,
      to,
      tensors: [...tensors],
      codec,
      ...(turns === undefined ? {} : { turns: { of: turns.of, at: [...turns.at] } }),
    })),
  };
}

/** Stage → how many replicas it has, 1 for one that is not replicated. */
export function replicasOf({ stages }: PlanReport): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(stages, ({ id, replicaOf }) => replicaOf ?? id)].map(([stage, replicas]) => [stage, replicas.length]));
}

/**
 * Frames per second. Null without frames.
 *
 *     closed loop   first arrival ─────────────▶ last arrival      filling the pipeline does not count; one frame alone: 1 / its latency
 *     open loop     first due + shortest latency ─▶ last arrival   frames are due 1/rate apart, and no latency is shorter than the shortest:
 *                                                                  never more than the rate, however late the first frame came
 */
export function throughputOf(frames: FrameSummary | readonly FrameMeasurement[], rateFps?: number): number | null {
  const { count, latencyMs, firstStartMs, firstArrivalMs, lastArrivalMs } = frames instanceof FrameSummary ? frames : summaryOf(frames);
  if (count === 0) return null;
  if (count === 1) return atMost(rateFps, 1000 / latencyMs.min);
  const firstMs = rateFps === undefined ? firstArrivalMs : firstStartMs + latencyMs.min;
  return lastArrivalMs > firstMs ? atMost(rateFps, ((count - 1) * 1000) / (lastArrivalMs - firstMs)) : null;
}

function summaryOf(frames: readonly FrameMeasurement[]): FrameSummary {
  const summary = new FrameSummary();
  for (const frame of frames) summary.add(frame);
  return summary;
}

/** Of one frame alone, and of what rounding adds. */
function atMost(rateFps: number | undefined, fps: number): number {
  return rateFps === undefined ? fps : Math.min(rateFps, fps);
}
