/**
 * Facts about a plan that the engine needs: who feeds whom, how deep it is, how much a stage has to hold.
 *
 *     depth:   source 0, a stage one more than the deepest of its producers
 *     detour:  how many stages the longer way to a stage passes, that the shorter does not; frames of the shorter wait as long
 */
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { byteLength, type TensorSpec } from '../../mesh/tensor.ts';
import type { Plan, Route, Stage } from '../../partition/plan.ts';

/** Bytes assumed for a tensor whose shape is not known before it arrives. */
const UNKNOWN_TENSOR_BYTES = 16 * 1024 * 1024;

export function routesInto(plan: Plan, consumer: string): Route[] {
  return plan.routes.filter((route) => route.to === consumer);
}

export function routesFrom(plan: Plan, producer: string): Route[] {
  return plan.routes.filter((route) => route.from === producer);
}

/** Stage → number of stages on the longest way to it, itself included. The plan has no cycles. */
export function depths(plan: Plan): ReadonlyMap<string, number> {
  const known = new Map<string, number>([[SOURCE, 0]]);
  const depthOf = (id: string): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const depth = 1 + Math.max(0, ...routesInto(plan, id).map((route) => depthOf(route.from)));
    known.set(id, depth);
    return depth;
  };
  for (const stage of plan.stages) depthOf(stage.id);
  known.delete(SOURCE);
  return known;
}

/** Stages on the longest way from source to sink. */
export function depthOfPlan(plan: Plan): number {
  return Math.max(1, ...depths(plan).values());
}

/** Stages that the longest way to `consumer` passes more than its shortest. */
export function detourTo(plan: Plan, consumer: string): number {
  const depth = depths(plan);
  const producers = routesInto(plan, consumer).map((route) => (route.from === SOURCE ? 0 : depth.get(route.from)!));
  return producers.length === 0 ? 0 : Math.max(...producers) - Math.min(...producers);
}

/** What arrives at the sink, as tensor specs by name. */
export function sinkTensors(plan: Plan): string[] {
  return routesInto(plan, SINK).flatMap((route) => [...route.tensors]);
}

export function bytesOf(specs: readonly TensorSpec[]): number {
  return specs.reduce(
    (sum, spec) => sum + (spec.dims.some((dim) => dim < 0) ? UNKNOWN_TENSOR_BYTES : byteLength(spec.dtype, spec.dims)),
    0,
  );
}

export function placementOf(plan: Plan): ReadonlyMap<string, string> {
  return new Map(plan.stages.map((stage: Stage) => [stage.id, stage.device]));
}
