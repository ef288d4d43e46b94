/**
 * The scheduler asked again while a run goes on: the best pipeline for the devices that are there now, and what it promises.
 *
 *     fleet as it was measured ── without who is gone, rooms, slowness, links of this run ──▶ fleet now ──▶ planner ──▶ stages
 *     plan that is carried out ───────────────────────────────── the same prices ─────────────────┴──▶ predicted ÷ predicted
 *
 * A quick look first (planner.ts): whoever asks feeds a source and a sink meanwhile. Only when that finds no room are all pipelines gone through.
 */

import { MeshError } from '../../mesh/error.ts';
import { layerSet } from '../../partition/cuts/layer-flow.ts';
import { formatLayers } from '../../partition/layer-ranges.ts';
import { parseLayers } from '../run/plan-file.ts';
import type { Lattice } from '../scheduler/pipeline/lattice.ts';
import { evaluate, type PipelinePlan, type PipelineStage } from '../scheduler/pipeline/pipeline-plan.ts';
import type { PlanDevice, PlanFleet, PlanLink } from './plan-fleet.ts';
import { objectiveValue, type PlannedModel, type PlanWish, planModel } from './plan-model.ts';
import { inTurns, type PlacedStage, placedStages } from './plan-out.ts';

/** A stage that is carried out. */
export interface PresentStage {
  /** As in a plan. */
  readonly layers: string;
  readonly devices: readonly string[];
  /** Of each device, in proportion. */
  readonly shares: readonly number[];
}

export interface RecutStage extends PlacedStage {
  /** On each of its devices, as the planner reckons. */
  readonly memoryBytes: number;
}

export interface Recut {
  readonly stages: readonly RecutStage[];
  /** What is wanted small, over that of the present plan; undefined: nobody can say. */
  readonly ratio: number | undefined;
}

/** Undefined: no pipeline fits. `present`: in the order of its layers. */
export function recut(
  model: PlannedModel,
  fleet: PlanFleet,
  wish: PlanWish,
  present: readonly PresentStage[] | undefined,
): Recut | undefined {
  const quick = planModel(model, fleet, wish, 'quick');
  const { plans, costs } = quick.plans.length > 0 ? quick : planModel(model, fleet, wish);
  if (plans.length === 0) return undefined;
  const { plan } = plans[0]!;
  const names = fleet.devices.map(({ name }) => name);
  const was = present === undefined ? undefined : pipelineOf(present, costs.lattice, names, model.layered.layers.length);
  const value = (pipeline: PipelinePlan): number => objectiveValue(wish.objective, evaluate(costs, pipeline));
  return {
    stages: placedStages(plan, costs.lattice, names).map((stage, index) => ({
      ...stage,
      memoryBytes: costs.lattice.memoryBytes(plan[index - 1]?.to ?? 0, plan[index]!.to),
    })),
    ratio: was === undefined ? undefined : value(inTurns(plan)) / value(was),
  };
}

/** Undefined when it is none that the planner could have made: a device is missing, or a stage ends where no stage may. */
function pipelineOf(
  stages: readonly PresentStage[],
  lattice: Lattice,
  names: readonly string[],
  layerCount: number,
): PipelinePlan | undefined {
  const pipeline: PipelineStage[] = [];
  let done = 0n;
  for (const { layers, devices, shares } of stages) {
    done |= layerSet(parseLayers(layers, layerCount, (what) => new MeshError('invalid', what)));
    const to = lattice.numberOf(done);
    const members = devices.map((device) => names.indexOf(device));
    if (to === undefined || members.includes(-1)) return undefined;
    const total = shares.reduce((sum, share) => sum + share, 0);
    const mask = members.reduce((bits, member) => bits | (1 << member), 0);
    pipeline.push({ to, group: { mask, members, shares: shares.map((share) => share / total) }, codec: 0 });
  }
  return pipeline.at(-1)?.to === lattice.last ? pipeline : undefined;
}

/** What is known of a device now. */
export interface DeviceNow {
  readonly name: string;
  /** That stages may take. */
  readonly memoryBytes: number;
  /** How many times longer it takes than it used to. */
  readonly slowness: number;
  /** Stages of the model as they were measured on it in this run, at its usual speed. */
  readonly measured: readonly { readonly layers: string; readonly ms: number }[];
}

/** The devices that are there, as they are. `speed`: raw bytes per millisecond between devices, the source and the sink; undefined: as it was. */
export function fleetNow(fleet: PlanFleet, now: readonly DeviceNow[], speed: (from: string, to: string) => number | undefined): PlanFleet {
  const devices = now.flatMap((device) => {
    const known = fleet.devices.find(({ name }) => name === device.name);
    return known === undefined ? [] : [deviceNow(known, device)];
  });
  const link = (from: string, to: string): PlanLink => {
    const bytesPerMs = speed(from, to);
    const usual = fleet.link(from, to);
    return bytesPerMs === undefined ? usual : { ...usual, bytesPerMs };
  };
  return { ...fleet, devices, link };
}

function deviceNow(known: PlanDevice, { memoryBytes, slowness, measured }: DeviceNow): PlanDevice {
  const segments = new Map(
    [...known.segments].map(([model, before]) => {
      const own = new Map(before.map(({ layers, ms }) => [layers, ms]));
      for (const { layers, ms } of measured) own.set(layers, ms);
      return [model, [...own].map(([layers, ms]) => ({ layers, ms: ms * slowness }))];
    }),
  );
  const times = [...segments.values()].some((list) => list.length > 0);
  const rates = known.rates && {
    gmacPerS: known.rates.gmacPerS / slowness,
    memoryGBPerS: known.rates.memoryGBPerS / slowness,
    layerMs: known.rates.layerMs * slowness,
  };
  const foretoldMs = known.foretoldMs?.map((ms) => ms * slowness);
  return { ...known, memoryBytes, segments, foretoldMs, rates: times ? undefined : rates };
}

/** "2 stages: layers 1-5 on pa, 6-9 on pb and pc". */
export function formatStages(stages: readonly PlacedStage[]): string {
  const each = stages.map(({ layers, devices }) => `${formatLayers(layers)} on ${devices.join(' and ')}`);
  return `${stages.length === 1 ? 'one stage' : `${stages.length} stages`}: layers ${each.join(', ')}`;
}
