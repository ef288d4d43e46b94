/**
 * The shortest time of one frame when it may come back to a device it was on before: the cheapest walk through (set, device), exactly.
 *
 *     ({}, source) ── hop ─▶ (set, p) ══ stage ══▶ (set', p) ── hop ─▶ (set', q) ══ … ══▶ (all layers, r) ── sink
 *
 * Devices with too little memory for all their stages together are not kept from being chosen: `fits` of the evaluation says so.
 * The same for energy: both are sums over stages and hops.
 */
import type { Costs, Span } from './costs.ts';
import { Groups } from './group.ts';
import type { Objective } from './objective.ts';
import type { PipelinePlan, PipelineStage } from './pipeline-plan.ts';

interface Step {
  readonly before: Step | undefined;
  readonly stage: PipelineStage;
  readonly value: number;
}

/** `objective`: one that adds up. */
export function cheapestWalk(costs: Costs, objective: Objective): PipelinePlan {
  const { lattice, fleet } = costs;
  const groups = new Groups(lattice.workload);
  const devices = fleet.devices.map((_, device) => groups.of(1 << device));
  const codecs = fleet.codecs.length;
  /** [(set × devices + device) × codecs + codec]: the cheapest way to have computed the set, ending there. */
  const best: (Step | undefined)[] = [];
  const at = (set: number, device: number, codec: number): number => (set * devices.length + device) * codecs + codec;
  for (let from = 0; from < lattice.last; from += 1) {
    for (const [device, group] of devices.entries()) {
      for (const { before, codecIn, reached } of arrivals(from, device)) {
        for (let to = from + 1; to <= lattice.last; to += 1) {
          if (!lattice.isWithin(from, to)) continue;
          for (let codecOut = 0; codecOut < (to === lattice.last ? 1 : codecs); codecOut += 1) {
            if (fleet.codecs[codecOut]!.error > 0) continue;
            const span: Span = { from, to, codecIn, codecOut };
            const value = reached + objective.stage(costs, span, group);
            const key = at(to, device, codecOut);
            if (value < (best[key]?.value ?? Number.POSITIVE_INFINITY))
              best[key] = { before, stage: { to, group, codec: codecOut }, value };
          }
        }
      }
    }
  }
  const ends = devices.map((_, device) => best[at(lattice.last, device, 0)]!);
  return stagesOf(ends.reduce((a, b) => (b.value < a.value ? b : a)));

  /** The cheapest ways to begin a stage on a device after a set, one for each codec of what comes in. */
  function arrivals(from: number, device: number): { before: Step | undefined; codecIn: number; reached: number }[] {
    if (from === 0) return [{ before: undefined, codecIn: 0, reached: 0 }];
    const found: { before: Step; codecIn: number; reached: number }[] = [];
    for (let codecIn = 0; codecIn < codecs; codecIn += 1) {
      let cheapest: { before: Step; codecIn: number; reached: number } | undefined;
      for (let other = 0; other < devices.length; other += 1) {
        const before = other === device ? undefined : best[at(from, other, codecIn)];
        if (before === undefined) continue;
        const reached = before.value + objective.hop(costs, from, codecIn, devices[other]!, devices[device]!);
        if (reached < (cheapest?.reached ?? Number.POSITIVE_INFINITY)) cheapest = { before, codecIn, reached };
      }
      if (cheapest !== undefined) found.push(cheapest);
    }
    return found;
  }
}

function stagesOf(last: Step): PipelinePlan {
  const stages: PipelineStage[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) stages.unshift(step.stage);
  return stages;
}
