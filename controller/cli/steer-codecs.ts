/**
 * Makes a run's codecs: as they were named, chosen without loss, or chosen within an error budget after calibration.
 *
 *     --codec NAME                     as planned
 *     --codec auto                     chosen from those without loss while the run goes on
 *     --codec auto --error-budget B    calibration ──▶ chosen from those within B, shadow frames watch over them
 *     --codec NAME --error-budget B    likewise, from NAME and none
 */
import { availableParallelism } from 'node:os';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { NO_CODEC } from '../../mesh/codec.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { planPeriod } from '../../partition/flow/plan-shape.ts';
import { AUTO_CODEC } from '../../partition/plan.ts';
import { AutomaticCodecs, type AutomaticOptions } from '../codec/automatic-codecs.ts';
import type { CodecsReport } from '../codec/codec-report.ts';
import type { OutputError } from '../codec/error-budget.ts';
import { Observations } from '../codec/observations.ts';
import { ShadowFrames } from '../codec/shadow-frames.ts';
import { HERE, type Machines } from '../codec/steered-routes.ts';
import { asPlanned, type CodecSteering } from '../run/steering.ts';
import { calibrateCodecs } from './calibrate-codecs.ts';
import type { PlannedRun, RunTools } from './planned-run.ts';

export interface SteeredCodecs {
  readonly steering: CodecSteering;
  /** Undefined: no frame is sent twice. */
  readonly shadows: ShadowFrames | undefined;
  readonly compared: (frame: FrameId, error: OutputError) => void;
  /** Undefined: nothing was chosen. */
  readonly report: () => CodecsReport | undefined;
  /** Whether something was lost on the way. */
  readonly lossy: () => boolean;
}

export async function steerCodecs(planned: PlannedRun, tools: RunTools): Promise<SteeredCodecs> {
  const { plan, codecs, session } = planned;
  const { codec, budget, shadowEvery, objective } = codecs;
  if (codec !== AUTO_CODEC && budget === undefined) {
    return {
      steering: asPlanned,
      shadows: undefined,
      compared: () => {},
      report: () => undefined,
      lossy: () => tensorCodecs.get(codec)?.lossless === false,
    };
  }
  const wanted = [...tensorCodecs.values()].filter(({ name }) => (codec === AUTO_CODEC ? isCandidate(name) : name === codec));
  const options: Omit<AutomaticOptions, 'observations' | 'guard'> = {
    plan,
    objective,
    machines: await machinesOf(tools, session.intraOpThreads),
    named: codec === AUTO_CODEC ? undefined : codec,
    lossless: [NO_CODEC, ...wanted.filter(({ lossless }) => lossless).map(({ name }) => name)],
    lossy: budget === undefined ? [] : wanted.filter(({ lossless }) => !lossless).map(({ name }) => name),
  };
  if (budget === undefined) {
    const steering = new AutomaticCodecs({ ...options, observations: new Observations(plan), guard: undefined });
    return { steering, shadows: undefined, compared: () => {}, report: () => steering.report(), lossy: () => false };
  }
  const shadows = new ShadowFrames(shadowEvery, planPeriod(plan));
  const steering = await calibrateCodecs(planned, tools, { ...options, budget, shadows });
  return {
    steering,
    shadows: steering.mayLose ? shadows : undefined,
    compared: (frame, error) => steering.compared(frame, error),
    report: () => steering.report(),
    lossy: () => steering.wasLossy,
  };
}

/** `trunc:N` are 22 codecs; two stand for them. Any can be named. */
const TRUNCATIONS = ['trunc:7', 'trunc:3'];

function isCandidate(name: string): boolean {
  return !name.startsWith('trunc:') || TRUNCATIONS.includes(name);
}

async function machinesOf({ mesh, signal }: RunTools, threads: number): Promise<Machines> {
  const described = await Promise.all([...mesh.agents.values()].map((agent) => agent.describe(signal)));
  const cores = new Map(described.map(({ device }) => [device.name, Math.min(device.cores, device.cpuQuotaCores ?? device.cores)]));
  return { cores: (device) => (device === HERE ? availableParallelism() : (cores.get(device) ?? 1)), threads };
}
