/**
 * Runs a model as planned, after running it whole on one device: the reference that the split outputs are compared with, and the speed that
 * the split has to beat. Both go through the same engine; a whole model is a plan of one stage.
 */

import { clockOf } from '../../mesh/clock.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import type { LinkMeasurement } from '../../mesh/measurement.ts';
import type { Plan } from '../../partition/plan.ts';
import { type OneDeviceReport, type RunReport, reportOf, throughputOf } from '../report/run-report.ts';
import { Delivery } from '../run/delivery.ts';
import { kernelDifference, kernelsOfSplit } from '../run/kernel-difference.ts';
import type { MeasureSummary } from '../run/measure-summary.ts';
import { refuseMisfit } from '../run/rooms.ts';
import type { OutputConsumer } from '../run/sink.ts';
import { ReferenceOutputs, type Verification, Verifier } from '../run/verify.ts';
import type { MeasuredRows } from '../store/records.ts';
import { carryOut, carryOutBeside } from './carry-out.ts';
import type { PlannedRun, RunTools } from './planned-run.ts';
import { steerCodecs } from './steer-codecs.ts';

export interface PlannedRunResult {
  readonly report: RunReport;
  readonly measured: MeasureSummary;
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
  lossy: false,
  passed: true,
};

/** Errors: `exhausted` before anything is loaded when the plan does not fit into its devices; those of `execute`. */
export async function runPlan(planned: PlannedRun, tools: RunTools): Promise<PlannedRunResult> {
  const { first } = planned;
  await refuseMisfit(planned, planned.model, { ...tools, clock: clockOf(tools.now) });
  // A process that resumes the run after all these frames has no use for it.
  const reference = planned.verifyFrames > first ? await runReference(planned, tools) : undefined;
  const verifier = reference === undefined ? undefined : new Verifier(reference.outputs);
  const codecs = await steerCodecs(planned, tools);
  const told = verifier === undefined ? undefined : tellVerified(planned, () => verifier.result(codecs.lossy()));
  const consumers = [verifier, told, planned.output].filter((consumer) => consumer !== undefined);
  const { shadows } = codecs;
  const { run, model, plan, models, frames, window, rateFps, dropping, session, weight, spares, recutter } = planned;
  const delivery = new Delivery(first);
  const done = await carryOut(
    {
      run,
      model,
      plan,
      models,
      window,
      session,
      weight,
      spares,
      dropping,
      recutter,
      codecs: codecs.steering,
      record: ({ stages }) => planned.forecast?.add(stages),
      ...(shadows === undefined
        ? { frames, first, consumers, rateFps }
        : {
            frames: shadows.total(frames),
            first: BigInt(shadows.total(Number(first))),
            consumers: [shadows.consumer(consumers, delivery, codecs.compared)],
            input: (given) => shadows.input(given),
            own: (rows) => shadows.framesOnly(rows),
            rateFps: rateFps === undefined ? undefined : (rateFps * shadows.period) / shadows.every,
          }),
    },
    planned,
    tools,
  );
  const report = reportOf({
    ...done,
    delivery: shadows === undefined ? done.delivery : delivery.count(frames),
    run,
    model,
    verify: verifier?.result(codecs.lossy()) ?? planned.verified ?? NOT_VERIFIED,
    kernels:
      reference === undefined
        ? undefined
        : kernelDifference(
            reference.kernels,
            kernelsOfSplit(done.plan, (stage) => done.loaded.get(stage)!.kernels),
          ),
    oneDevice: reference?.report ?? null,
    rateFps,
    drops: dropping === undefined ? undefined : { ...dropping, ...done.arrivals },
    input: done.inputTitle,
    parallel: planned.parallel,
    foretold: planned.foretold,
    forecast: planned.forecast?.report(done.plan),
    codecs: codecs.report(),
  });
  return { report, measured: done.measured };
}

/** Says what was found when the last frame that is compared has been. */
function tellVerified({ verifyFrames, onVerified }: PlannedRun, result: () => Verification): OutputConsumer {
  const look = async (id: FrameId): Promise<void> => {
    if (Number(id) + 1 === verifyFrames) onVerified?.(result());
  };
  return { take: look, skip: look, sync: async () => {} };
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
  readonly links: MeasuredRows['links'];
  /** Between arrivals, milliseconds; undefined with less than two frames. */
  readonly periodMs: number | undefined;
}

/** Carries a plan out for some frames, only to see how long things take. */
export async function tryPlan(planned: PlannedRun, tools: RunTools, { title, suffix, frames, window }: Trial): Promise<Tried> {
  const { plan, models } = planned;
  const links: LinkMeasurement[] = [];
  const { measured } = await carryOutBeside({ ...planned, window }, tools, {
    title,
    suffix,
    plan,
    models,
    frames,
    consumers: [],
    record: (rows) => links.push(...rows.links),
  });
  const fps = measured.frames.count < 2 ? null : throughputOf(measured.frames);
  return { computeMs: mediansOf(plan, measured), links, periodMs: fps === null ? undefined : 1000 / fps };
}

/** Of each stage that got frames: its compute time, milliseconds. */
export function mediansOf(plan: Plan, measured: MeasureSummary): ReadonlyMap<string, number> {
  const medians = plan.stages.map(({ id, device }) => {
    return [id, measured.stage(id, device)?.compute.distribution(1000)?.p50] as const;
  });
  return new Map(medians.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}

async function runReference(planned: PlannedRun, tools: RunTools): Promise<Reference> {
  const { plan, models } = await planned.whole();
  const stage = plan.stages[0]!;
  const { device } = stage;
  const frames = Math.max(planned.verifyFrames, Math.min(planned.frames, REFERENCE_FRAMES_MIN));
  const outputs = new ReferenceOutputs(planned.verifyFrames);
  const done = await carryOutBeside({ ...planned, window: 'auto' }, tools, {
    title: 'whole model, to compare',
    suffix: 'whole',
    plan,
    models,
    frames,
    consumers: [outputs],
  });
  const { measured } = done;
  const loaded = done.loaded.get(stage.id)!;
  const report = {
    device,
    frames,
    throughputFps: throughputOf(measured.frames),
    latencyMs: measured.frames.latencyMs.distribution() ?? null,
    computeMs: measured.stage(stage.id, device)?.compute.distribution(1000) ?? null,
    threads: loaded.threads,
  };
  return { outputs, kernels: loaded.kernels, report };
}
