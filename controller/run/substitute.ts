/**
 * The plain way to go on after a loss: the same stages, those of lost devices elsewhere (controller/recovery/reseat.ts).
 *
 *     plan ──▶ stages with their seats ──▶ reseat ──▶ the same cut on other devices
 *
 * A replica that goes leaves its turns to its siblings.
 */
import { framesAt } from '../../partition/flow/plan-shape.ts';
import type { Plan, Stage } from '../../partition/plan.ts';
import { improve } from '../recovery/improve.ts';
import { reseat } from '../recovery/reseat.ts';
import type { SeatDevice, SeatedStage } from '../recovery/seating.ts';
import { makePlan, type Unplaced } from './make-plan.ts';
import type { Planned } from './planned.ts';
import type { Candidate, Present, ReplanRequest } from './replan.ts';
import { stageNeeds } from './stage-needs.ts';

/** `devices`: those that are there, in the order in which equals are preferred. A text: why nothing fits. */
export function substitute(request: ReplanRequest, devices: readonly SeatDevice[]): Planned | string {
  const { planned, epoch, without, avoid, spares, computeMs } = request;
  const { plan, models } = planned;
  const stages = seatedStages(plan, models, computeMs);
  const shunned = stages.flatMap(({ id, seats }) => seats.filter(({ device }) => avoid(id, device)).map(({ device }) => device));
  const found = reseat({ stages, devices, without: [...without, ...shunned], spares });
  if (found.kind === 'nowhere') return found.reason;
  const codec = plan.routes[0]!.codec;
  const places = found.stages.map(({ seats }) => ({ devices: seats.map(({ device }) => device), shares: seats.map(({ share }) => share) }));
  return { plan: makePlan(unplaced(plan), places, codec, epoch), models };
}

/** One stage elsewhere, when that would be faster. */
export function betterSeat(
  { planned, computeMs, slowness, links, without }: Present,
  devices: readonly SeatDevice[],
): Candidate | undefined {
  const { plan, models } = planned;
  const there = devices
    .filter(({ name }) => !without.has(name))
    .map((device) => ({ ...device, speed: 1 / (slowness.get(device.name) ?? 1) }));
  const stages = seatedStages(plan, models, computeMs);
  if (stages.some(({ seats }) => seats.every(({ computeMs: ms }) => ms === undefined))) return undefined;
  const routes = unplaced(plan).routes.flatMap(({ from, to }) => {
    const bytes = links.bytes(from, to);
    return bytes === undefined ? [] : [{ from, to, bytes }];
  });
  const better = improve(stages, there, { routes, speed: (from, to) => links.estimate(from, to) });
  if (better === undefined) return undefined;
  const { stage, from, to, ratio } = better;
  const moved = plan.stages.map((each) => (each.id === stage ? { ...each, device: to } : each));
  return { make: async () => ({ plan: { ...plan, stages: moved }, models }), ratio, what: `${stage} on ${to} instead of ${from}` };
}

function seatedStages(plan: Plan, models: Planned['models'], computeMs: ReplanRequest['computeMs']): SeatedStage[] {
  return [...groups(plan)].map(([id, replicas]) => ({
    id,
    memoryBytes: stageNeeds(plan, replicas[0]!, models).bytes,
    seats: replicas.map((stage) => {
      const ms = computeMs.get(stage.id);
      const share = framesAt(plan, stage.id).reduce((sum, each) => sum + each, 0);
      return { device: stage.device, share, ...(ms === undefined ? {} : { computeMs: ms }) };
    }),
  }));
}

/** The plan as it was before stages were replicated. */
function unplaced(plan: Plan): Unplaced {
  const nameOf = new Map(plan.stages.map(({ id, replicaOf }) => [id, replicaOf ?? id]));
  const routes = plan.routes.map(({ from, to, tensors }) => ({ from: nameOf.get(from) ?? from, to: nameOf.get(to) ?? to, tensors }));
  return {
    stages: [...groups(plan)].map(([id, [stage]]) => ({ ...stage!, id })),
    routes: [...new Map(routes.map((route) => [`${route.from} ${route.to}`, route])).values()],
  };
}

/** Stage → its replicas, or itself. */
function groups(plan: Plan): ReadonlyMap<string, readonly Stage[]> {
  return Map.groupBy(plan.stages, ({ id, replicaOf }) => replicaOf ?? id);
}
