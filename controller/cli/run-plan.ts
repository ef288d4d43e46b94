/**
 * Runs a model as planned, after running it whole on one device: the reference that the split outputs are compared with, and the speed that
 * the split has to beat. Both go through the same engine; a whole model is a plan of one stage.
 */

import { tensorCodecs } from '../../mesh/codec/registry.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { grpcLink } from '../../mesh/link/grpc/client.ts';
import type { Plan } from '../../partition/plan.ts';
import { deliver } from '../deploy/deliver.ts';
import type { MeshSession } from '../deploy/mesh-session.ts';
import type { SessionSettings, StageModel } from '../deploy/stage-order.ts';
import { type Foretold, type OneDeviceReport, planReport, type RunReport, reportOf, throughputOf } from '../report/run-report.ts';
import { execute } from '../run/engine.ts';
import type { Executed, Execution, Workplace } from '../run/execution.ts';
import type { FrameInput } from '../run/frame-input.ts';
import { kernelDifference, kernelsOfSplit } from '../run/kernel-difference.ts';
import type { PreparedCut } from '../run/prepare.ts';
import type { Watcher } from '../run/run-events.ts';
import type { OutputConsumer } from '../run/sink.ts';
import type { ParallelCosts } from '../run/split-by-cuts.ts';
import { distributionOf } from '../run/statistics.ts';
import { asPlanned } from '../run/steering.ts';
import { ReferenceOutputs, type Verification, Verifier } from '../run/verify.ts';
import type { Recorder } from '../store/recorder.ts';
import type { MeasuredRows } from '../store/records.ts';

export interface PlannedRun {
  readonly run: string;
  /** For a person: name of the model. */
  readonly model: string;
  /** See RunReport. */
  readonly parallel: ParallelCosts | undefined;
  readonly plan: Plan;
  readonly models: ReadonlyMap<string, StageModel>;
  /** The whole model as a plan of one stage on one device; made only when the run is verified. */
  readonly whole: () => Promise<{ readonly plan: Plan; readonly models: ReadonlyMap<string, StageModel> }>;
  readonly openInput: () => Promise<FrameInput>;
  readonly frames: number;
  readonly verifyFrames: number;
  readonly output: OutputConsumer | undefined;
  readonly window: number | 'auto';
  readonly rateFps: number | undefined;
  readonly session: SessionSettings;
  /** What a planner said of it. */
  readonly foretold?: Foretold;
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

export interface PlannedRunResult {
  readonly report: RunReport;
  readonly rows: MeasuredRows;
}

/** The reference runs at least so many frames, so that its speed means something. */
const REFERENCE_FRAMES_MIN = 16;

/** To learn the speed of devices; the median of so many is steady. */
const SPEED_FRAMES = 10;

const NOT_VERIFIED: Verification = {
  compared: 0,
  maxAbsError: null,
  maxRelativeError: null,
  maxUlp: null,
  top1Agreement: null,
  passed: true,
};

export async function runPlan(planned: PlannedRun, tools: RunTools): Promise<PlannedRunResult> {
  const reference = planned.verifyFrames > 0 ? await runReference(planned, tools) : undefined;
  const verifier = reference === undefined ? undefined : new Verifier(reference.outputs);
  const consumers = [verifier, planned.output].filter((consumer) => consumer !== undefined);
  const { run, model, plan, models, frames, window, rateFps } = planned;
  const { session } = planned;
  const codecs = asPlanned;
  const done = await executeWithInput({ run, model, plan, models, frames, consumers, window, rateFps, session, codecs }, planned, tools);
  const report = reportOf({
    ...done,
    run,
    model,
    plan,
    ...rowsOf(done),
    verify: verifier?.result() ?? NOT_VERIFIED,
    kernels:
      reference === undefined
        ? undefined
        : kernelDifference(
            reference.kernels,
            kernelsOfSplit(plan, (stage) => done.loaded.get(stage)!.kernels),
          ),
    oneDevice: reference?.report ?? null,
    rateFps,
    input: done.inputTitle,
    parallel: planned.parallel,
    foretold: planned.foretold,
  });
  return { report, rows: rowsOf(done) };
}

interface Reference {
  readonly outputs: ReferenceOutputs;
  readonly kernels: readonly Kernel[];
  readonly report: Omit<OneDeviceReport, 'speedup'>;
}

/** Each stage's median compute time, milliseconds, from a few frames through the plan as it stands. */
export async function measureStages(planned: PlannedRun, tools: RunTools): Promise<ReadonlyMap<string, number>> {
  const { computeMs } = await tryPlan(planned, tools, {
    title: 'equal parts, to measure the devices',
    suffix: 'speed',
    frames: Math.min(planned.frames, SPEED_FRAMES),
    window: 'auto',
  });
  return computeMs;
}

export interface Trial {
  readonly title: string;
  /** Of the run's name. */
  readonly suffix: string;
  readonly frames: number;
  readonly window: number | 'auto';
}

export interface Tried {
  /** Of each stage: the median. Stages that got no frame are missing. */
  readonly computeMs: ReadonlyMap<string, number>;
  readonly links: Executed['measurements']['links'];
  /** Between arrivals, milliseconds; undefined with less than two frames. */
  readonly periodMs: number | undefined;
}

/** Carries a plan out for some frames, only to see how long things take. */
export async function tryPlan(planned: PlannedRun, tools: RunTools, { title, suffix, frames, window }: Trial): Promise<Tried> {
  const { plan, models } = planned;
  const done = await runBeside({ ...planned, window }, tools, { title, suffix, plan, models, frames, consumers: [] });
  const { stages, links, frames: arrived } = done.measurements;
  const fps = arrived.length < 2 ? null : throughputOf(arrived);
  return { computeMs: mediansOf(plan, stages), links, periodMs: fps === null ? undefined : 1000 / fps };
}

/** Of each stage that got frames: its compute time, milliseconds. */
export function mediansOf(plan: Plan, measured: MeasuredRows['stages']): ReadonlyMap<string, number> {
  const medians = plan.stages.map(({ id }) => {
    const times = measured.filter(({ stage }) => stage === id).map(({ computeUs }) => computeUs / 1000);
    return [id, distributionOf(times)?.p50] as const;
  });
  return new Map(medians.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}

async function runReference(planned: PlannedRun, tools: RunTools): Promise<Reference> {
  const { plan, models } = await planned.whole();
  const stage = plan.stages[0]!;
  const { device } = stage;
  const frames = Math.max(planned.verifyFrames, Math.min(planned.frames, REFERENCE_FRAMES_MIN));
  const outputs = new ReferenceOutputs(planned.verifyFrames);
  const done = await runBeside({ ...planned, window: 'auto' }, tools, {
    title: 'whole model, to compare',
    suffix: 'whole',
    plan,
    models,
    frames,
    consumers: [outputs],
  });
  const measured = done.measurements;
  const loaded = done.loaded.get(stage.id)!;
  const report = {
    device,
    frames,
    throughputFps: throughputOf(measured.frames),
    latencyMs: distributionOf(measured.frames.map((frame) => frame.latencyMs)) ?? null,
    computeMs: distributionOf(measured.stages.map((stage) => stage.computeUs / 1000)) ?? null,
    threads: loaded.threads,
  };
  return { outputs, kernels: loaded.kernels, report };
}

interface Beside extends Pick<Execution, 'plan' | 'models' | 'frames' | 'consumers'> {
  readonly title: string;
  /** Of the run's name. */
  readonly suffix: string;
}

/** Another execution for the sake of this run: closed loop, recorded as a run of its own below it. */
async function runBeside(planned: PlannedRun, tools: RunTools, { suffix, ...beside }: Beside): Promise<Executed> {
  const run = `${planned.run}-${suffix}`;
  const { model, session, window } = planned;
  const startedMs = tools.wallClock();
  tools.recorder.begin({ run, parent: planned.run, startedMs, model, plan: JSON.stringify(planReport(beside.plan)) });
  const done = await executeWithInput({ codecs: asPlanned, ...beside, run, model, window, rateFps: undefined, session }, planned, tools);
  tools.recorder.end({ run, endedMs: tools.wallClock(), status: 'done', error: undefined, report: undefined });
  return done;
}

async function executeWithInput(execution: Omit<Execution, 'input' | 'record'>, planned: PlannedRun, tools: RunTools): Promise<Executed> {
  const input = await planned.openInput();
  try {
    return await execute({ ...execution, input, record: (rows) => tools.recorder.add(execution.run, rows) }, workplaceOf(tools));
  } finally {
    await input.close();
  }
}

function rowsOf({ measurements: { frames, stages, links } }: Executed): MeasuredRows {
  return { frames, stages, links };
}

function workplaceOf({ mesh, watcher, now, signal }: RunTools): Workplace {
  return {
    agents: mesh.agents,
    bus: mesh.bus,
    subjects: mesh.subjects,
    server: mesh.server,
    link: grpcLink(),
    codecs: tensorCodecs,
    now,
    watcher,
    signal,
    onMeshDeath: (listener) => mesh.onDeath(listener),
    deliver: (agent, { model, externalData }, until) =>
      deliver(agent, [model, ...Object.values(externalData)], mesh.server.address, until, (bytes, totalBytes) =>
        watcher({ kind: 'fetch', device: agent.name, bytes, totalBytes }),
      ),
  };
}
