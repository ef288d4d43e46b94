/**
 * What one seed means: devices, a plan over some of them, a stream of frames, and what goes wrong. Plain data, to be printed and to be changed by hand.
 *
 *     seed ──▶ 2 to 6 devices · 1 to 4 stages, some replicated · 20 to 120 frames · window 1 to 12 · faults
 */
import type { Random } from '../../controller/scheduler/random.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { checkPlan, type Plan, type Route, type Stage } from '../../partition/plan.ts';
import { replicate } from '../../partition/replicate.ts';
import { type FaultPlan, faultsOf, formatFault, type TimedFault } from './faults.ts';
import { BROKER_HOST } from './sim-bus.ts';
import { TENSOR_BYTES } from './sim-model.ts';
import { between, chance, pick, streamOf } from './streams.ts';

export const CONTROLLER_HOST = 'c';

export interface Scenario {
  readonly seed: number;
  readonly devices: readonly string[];
  /** Without replicas: what is computed. */
  readonly plain: Plan;
  readonly plan: Plan;
  readonly frames: number;
  readonly window: number;
  /** Undefined: as fast as the window allows. */
  readonly rateFps: number | undefined;
  /** Device → how long a stage takes for a frame there, milliseconds. */
  readonly computeMs: ReadonlyMap<string, number>;
  readonly faults: readonly TimedFault[];
  /** Nothing goes wrong any more after this virtual time, milliseconds. */
  readonly calmMs: number;
}

export function scenarioOf(seed: number): Scenario {
  const random = streamOf(seed, 'scenario');
  const devices = Array.from({ length: 2 + random.below(5) }, (_, index) => `d${index + 1}`);
  const plain = randomPlan(random, devices);
  const plan = withReplicas(random, plain, devices);
  checkPlan(plan);
  const frames = 20 + random.below(100);
  const calmMs = between(random, 2_000, 20_000);
  // The stream lasts about as long as the faults do: enough is on its way whenever something breaks.
  const rateFps = chance(random, 0.7) ? frames / (calmMs / 1000) : undefined;
  const around: FaultPlan = { devices, others: [CONTROLLER_HOST, BROKER_HOST], fromMs: 0, calmMs, mean: pick(random, [0, 2, 4, 8]) };
  return {
    seed,
    devices,
    plain,
    plan,
    frames,
    window: 1 + random.below(12),
    rateFps,
    computeMs: new Map(devices.map((name) => [name, between(random, 1, 60)])),
    faults: faultsOf(streamOf(seed, 'faults'), around),
    calmMs,
  };
}

export function formatScenario({ seed, devices, plan, frames, window, rateFps, faults, calmMs }: Scenario): string {
  const stages = plan.stages.map(({ id, device }) => `${id} on ${device}`).join(', ');
  const pace = rateFps === undefined ? 'as fast as they go' : `${rateFps.toFixed(1)} a second`;
  return [
    `seed ${seed}: ${devices.length} devices; ${stages}; ${frames} frames, window ${window}, ${pace}; calm from +${(calmMs / 1000).toFixed(3)} s`,
    ...faults.map((fault) => `  ${formatFault(fault)}`),
  ].join('\n');
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
