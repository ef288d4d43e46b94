/**
 * What one seed means for one run: stages and where they are, a stream of frames, and what is wrong with some of them.
 *
 *     1 to 4 stages, some replicated · 20 to 120 frames · window 1 to 12 · now and then: frames that kill their stage, a spare device, a run that is
 *     kept up by others when its controller dies (`detached`)
 */

import { type FrameId, SINK, SOURCE } from '../../mesh/frame.ts';
import type { Random } from '../../mesh/random.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { checkPlan, type Plan, type Route, type Stage } from '../../partition/plan.ts';
import { replicate } from '../../partition/replicate.ts';
import { TENSOR_BYTES } from './sim-model.ts';
import { between, chance, pick, streamOf } from './streams.ts';

export interface Poison {
  /** Before it was replicated. */
  readonly stage: string;
  readonly frame: FrameId;
}

export interface RunScenario {
  readonly run: string;
  /** Without replicas: what is computed. */
  readonly plain: Plan;
  readonly plan: Plan;
  readonly frames: number;
  readonly window: number;
  /** Undefined: as fast as the window allows. */
  readonly rateFps: number | undefined;
  /** When its controller begins, virtual milliseconds. */
  readonly startMs: number;
  /** Stage → bytes of its model. */
  readonly modelBytes: ReadonlyMap<string, number>;
  /** A stage that computes one of these ends its process. */
  readonly poison: readonly Poison[];
  readonly spares: readonly string[];
  /** Undefined: when its controller dies the run is over. Else who goes on with it: a new process on the same host, or somebody on another one. */
  readonly successor: 'same host' | 'other host' | undefined;
}

export interface Surroundings {
  readonly seed: number;
  readonly run: string;
  readonly devices: readonly string[];
  /** Nothing goes wrong any more after this virtual time, milliseconds. */
  readonly calmMs: number;
  readonly startMs: number;
}

/** Not the very first ones: a run whose first frame kills a stage gives up, and says that the model is to blame. */
const POISON_FROM = 3;

export function runScenarioOf({ seed, run, devices, calmMs, startMs }: Surroundings): RunScenario {
  const random = streamOf(seed, `run ${run}`);
  const plain = randomPlan(random, devices);
  const plan = withReplicas(random, plain, devices);
  checkPlan(plan);
  const frames = 20 + random.below(100);
  const idle = devices.filter((name) => !plan.stages.some(({ device }) => device === name));
  return {
    run,
    plain,
    plan,
    frames,
    window: 1 + random.below(12),
    // The stream lasts about as long as the faults do: enough is on its way whenever something breaks.
    rateFps: chance(random, 0.7) ? frames / (calmMs / 1000) : undefined,
    startMs,
    // Each stage has a file of its own: 1 KB to 1 MB.
    modelBytes: new Map(plain.stages.map(({ id }) => [id, Math.round(between(random, 1e3, 1e6))])),
    poison: chance(random, 0.12) ? randomPoison(random, plain, frames) : [],
    spares: idle.length > 0 && chance(random, 0.3) ? [pick(random, idle)] : [],
    successor: chance(random, 0.1) ? randomSuccessor(random) : undefined,
  };
}

export function randomSuccessor(random: Random): 'same host' | 'other host' {
  return chance(random, 0.5) ? 'same host' : 'other host';
}

function randomPoison(random: Random, { stages }: Plan, frames: number): Poison[] {
  const ids = new Set(Array.from({ length: 1 + random.below(2) }, () => POISON_FROM + random.below(frames - POISON_FROM)));
  return [...ids].map((id) => ({ stage: pick(random, stages).id, frame: BigInt(id) }));
}

const specs = (names: readonly string[]): TensorSpec[] => names.map((name) => ({ name, dtype: 'uint8', dims: [TENSOR_BYTES] }));

/** Stage `sN` makes `tN` of the input and of what earlier stages made; what nobody reads goes to the sink. */
function randomPlan(random: Random, devices: readonly string[]): Plan {
  const count = 1 + random.below(4);
  const routes: Route[] = [];
  const stages: Stage[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = `s${index}`;
    const earlier = [SOURCE, ...stages.map((stage) => stage.id)];
    // A chain as a rule; sometimes one reads what went past the one before.
    const read = new Set([earlier.at(-1)!, ...(chance(random, 0.3) ? [pick(random, earlier)] : [])]);
    for (const maker of read) routes.push({ from: maker, to: id, tensors: [tensorOf(maker)], codec: 'none' });
    stages.push({
      id,
      device: pick(random, devices),
      layers: `${index + 1}`,
      inputs: specs([...read].map(tensorOf)),
      outputs: specs([tensorOf(id)]),
    });
  }
  const unread = stages.filter(({ id }) => !routes.some(({ from }) => from === id));
  for (const { id } of unread) routes.push({ from: id, to: SINK, tensors: [tensorOf(id)], codec: 'none' });
  return { epoch: 1n, stages, routes };
}

function tensorOf(maker: string): string {
  return maker === SOURCE ? 'x' : `t${maker.slice(1)}`;
}

function withReplicas(random: Random, plain: Plan, devices: readonly string[]): Plan {
  let plan = plain;
  for (const { id } of plain.stages) {
    if (!chance(random, 0.25)) continue;
    const count = 2 + random.below(2);
    const seats = Array.from({ length: count }, () => pick(random, devices));
    plan = replicate(plan, id, { devices: seats, shares: seats.map(() => 1 + random.below(3)) });
  }
  return plan;
}

export function formatRun({ run, plan, frames, window, rateFps, startMs, poison, spares, successor }: RunScenario): string {
  const stages = plan.stages.map(({ id, device }) => `${id} on ${device}`).join(', ');
  const pace = rateFps === undefined ? 'as fast as they go' : `${rateFps.toFixed(1)} a second`;
  const more = [
    ...(startMs > 0 ? [`begins at +${(startMs / 1000).toFixed(3)} s`] : []),
    ...poison.map(({ stage, frame }) => `frame ${frame} kills ${stage}`),
    ...(spares.length > 0 ? [`spare ${spares.join()}`] : []),
    ...(successor === undefined ? [] : [`detached, successor on the ${successor}`]),
  ];
  return [`run ${run}: ${stages}`, `${frames} frames, window ${window}, ${pace}`, ...more].join('; ');
}
