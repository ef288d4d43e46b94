/**
 * A model, devices and a wish become pipelines: the planner's best, what published strategies would do under the same prices, and what would help.
 *
 *     layers + speeds ──▶ workload ─┐
 *     devices + links ──▶ fleet ────┴─▶ planner ──▶ pipelines, a bound
 */

import { MeshError } from '../../mesh/error.ts';
import { prefixCuts } from '../../partition/cuts/crossing.ts';
import { listIdeals } from '../../partition/cuts/ideals.ts';
import { hasLayer, type LayerFlow, type LayerSet, layerSet } from '../../partition/cuts/layer-flow.ts';
import { singleTensorCuts } from '../../partition/cuts/single-tensor-cuts.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { parseLayers } from '../run/plan-file.ts';
import { type ObjectiveName, objectives } from '../scheduler/pipeline/objective.ts';
import { type Evaluation, evaluate } from '../scheduler/pipeline/pipeline-plan.ts';
import { type PlannerResult, type PlanRequest, planPipeline } from '../scheduler/pipeline/planner.ts';
import { strategies } from '../scheduler/pipeline/strategies/registry.ts';
import type { Workload } from '../scheduler/pipeline/workload.ts';
import { layerTimes, type MeasuredSegment } from './device-speed.ts';
import { modelWorkload } from './model-workload.ts';
import { fleetOf, type PlanDevice, type PlanFleet } from './plan-fleet.ts';

export interface PlanWish {
  readonly objective: ObjectiveName;
  /** Whether devices may take turns with the frames. */
  readonly replicate: boolean;
  readonly top: number;
  readonly errorMax: number;
}

export interface PlannedModel {
  /** The zoo's name, or the path: what measured times are looked up by. */
  readonly name: string;
  readonly layered: LayeredGraph;
}

/** More closed sets than this are not gone through; then cuts between numbered layers and at single tensors have to do. */
const IDEALS_MAX = 8000;

export function planModel(model: PlannedModel, fleet: PlanFleet, wish: PlanWish, effort: PlanRequest['effort'] = 'exact'): PlannerResult {
  return planPipeline({ ...requestOf(model, fleet, wish), effort });
}

/** Error `usage` for a device of which nothing says how fast it is with this model, and for times of layers that the model does not have. */
function requestOf({ name, layered }: PlannedModel, planFleet: PlanFleet, wish: PlanWish): Omit<PlanRequest, 'effort'> {
  const base = modelWorkload(layered);
  const measured = planFleet.devices.map((device) => measuredOn(device, name, layered.layers.length));
  const times = planFleet.devices.map(({ rates, foretoldMs }, index) => layerTimes(layered, rates, measured[index]!, foretoldMs));
  const workload: Workload = {
    ...base,
    compute: [[], ...layered.layers.map(({ number }) => times.map((ofDevice) => ofDevice[number]!))],
    segments: segmentTable(measured),
  };
  return { workload, fleet: fleetOf(planFleet), ...placesToCut(base.flow), ...wish };
}

/** What published strategies come to, under the same prices; undefined where one has no answer. */
export function compareStrategies({ costs }: PlannerResult, names: readonly string[]): readonly Compared[] {
  return strategies
    .filter(({ name }) => names.includes(name))
    .map(({ name, summary, plan }) => {
      const made = plan(costs);
      return { name, summary, evaluation: made === undefined ? undefined : evaluate(costs, made) };
    });
}

export interface Compared {
  readonly name: string;
  readonly summary: string;
  readonly evaluation: Evaluation | undefined;
}

/** What is minimized, of an evaluation. */
export function objectiveValue(objective: ObjectiveName, evaluation: Evaluation): number {
  return objectives[objective].of(evaluation);
}

function measuredOn(device: PlanDevice, model: string, layerCount: number): readonly MeasuredSegment[] {
  const segments = device.segments.get(model) ?? [];
  if (segments.length === 0 && device.rates === undefined && device.foretoldMs === undefined) {
    const others = [...device.segments.keys()];
    const known = others.length === 0 ? '' : `: there are times of ${others.join(', ')}`;
    throw new MeshError('usage', `nothing says how fast ${device.name} is with ${model}${known}`, {
      hint: `add "gmacPerS" to the device, or times of "${model}"`,
    });
  }
  return segments.map(({ layers, ms }) => {
    const wrong = (what: string): MeshError => new MeshError('usage', `times of ${model} on ${device.name}: ${what}`);
    return { layers: layerSet(parseLayers(layers, layerCount, wrong)), ms };
  });
}

function segmentTable(measured: readonly (readonly MeasuredSegment[])[]): NonNullable<Workload['segments']> {
  const table = new Map<LayerSet, (number | undefined)[]>();
  for (const [device, segments] of measured.entries()) {
    for (const { layers, ms } of segments) {
      const row = table.get(layers) ?? measured.map(() => undefined);
      row[device] = ms;
      table.set(layers, row);
    }
  }
  return table;
}

/** Closed sets that a stage may end with: what crosses has a size that is known. */
function placesToCut(flow: LayerFlow): Pick<PlanRequest, 'ideals' | 'complete'> {
  const all = layerSet(Array.from({ length: flow.count }, (_, index) => index + 1));
  const unknown = flow.tensors.filter(({ bytes }) => bytes === undefined);
  const isKnown = (set: LayerSet): boolean =>
    set === all || !unknown.some(({ maker, readers }) => hasLayer(set, maker) && readers.some((reader) => !hasLayer(set, reader)));
  const { ideals, complete } = listIdeals(flow, IDEALS_MAX);
  const sets = complete ? ideals : [...prefixCuts(flow), ...singleTensorCuts(flow)].map(({ near }) => near);
  return { ideals: [...new Set([...sets.filter(isKnown), all])], complete };
}
