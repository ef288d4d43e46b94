/**
 * Facts about a plan that the engine needs: who feeds whom, how deep it is, how much a stage has to hold.
 *
 *     span:    how many frames pass while a stage gets one: 1, or more for a replica, which has as many frames' time for it
 *     depth:   source 0, a stage its span more than the deepest of its producers: frames on their way with one in each stage
 *     detour:  how much deeper the longer way to a stage is than the shorter; so many frames of the shorter wait for the longer
 */
import { MeshError } from '../../mesh/error.ts';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { byteLength, type TensorSpec } from '../../mesh/tensor.ts';
import { maskOf, periodOf, portionOf } from '../../mesh/turns.ts';
import type { Plan, Route, Stage } from '../plan.ts';

/** Bytes assumed for a tensor whose shape is not known before it arrives. */
const UNKNOWN_TENSOR_BYTES = 16 * 1024 * 1024;
/** A replica that gets less than one frame in so many is not waited for with more memory than this takes. */
const SPAN_MAX = 16;

export function routesInto(plan: Plan, consumer: string): Route[] {
  return plan.routes.filter((route) => route.to === consumer);
}

export function routesFrom(plan: Plan, producer: string): Route[] {
  return plan.routes.filter((route) => route.from === producer);
}

/** Frames after which all turns of the plan repeat; 1 without replicas. */
export function planPeriod(plan: Plan): number {
  return periodOf(plan.routes.map(({ turns }) => turns));
}

/** The frames that a stage gets, as a mask of the plan's period. */
export function framesAt(plan: Plan, stage: string, period = planPeriod(plan)): Uint8Array {
  const frames = new Uint8Array(period);
  for (const { turns } of routesInto(plan, stage))
    for (const [frame, carried] of maskOf(turns, period).entries()) frames[frame]! |= carried;
  return frames;
}

/** How much of all frames an end gets, above 0 to 1. */
function portionAt(plan: Plan, id: string): number {
  if (id === SOURCE) return 1;
  const frames = framesAt(plan, id);
  return frames.reduce((sum, each) => sum + each, 0) / frames.length;
}

function spanOf(plan: Plan, id: string): number {
  return Math.min(SPAN_MAX, 1 / portionAt(plan, id));
}

/** Frames a producer may have waiting at its routes at once: as many as bring each of its consumers one. */
export function aheadFrom(plan: Plan, producer: string): number {
  const portion = portionAt(plan, producer);
  const spans = routesFrom(plan, producer).map(({ turns }) => Math.min(SPAN_MAX, portion / portionOf(turns)));
  return roundUp(Math.max(1, ...spans));
}

/** Stage → the spans on the longest way to it together, its own included; without replicas the number of stages. Error `invalid` for
 * stages that wait for each other. */
export function depths(plan: Plan): ReadonlyMap<string, number> {
  const known = new Map<string, number>([[SOURCE, 0]]);
  const open = new Set<string>();
  const depthOf = (id: string): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    if (open.has(id)) throw new MeshError('invalid', `stages ${[...open].join(', ')} wait for each other`);
    open.add(id);
    const depth = spanOf(plan, id) + Math.max(0, ...routesInto(plan, id).map((route) => depthOf(route.from)));
    open.delete(id);
    known.set(id, depth);
    return depth;
  };
  for (const stage of plan.stages) depthOf(stage.id);
  known.delete(SOURCE);
  return known;
}

/** Frames on their way when each stage has one, on the longest way from source to sink: the number of its stages, more with replicas. */
export function depthOfPlan(plan: Plan): number {
  return roundUp(Math.max(1, ...depths(plan).values()));
}

/** Frames that a stage may have to keep of the shortest way to it, because they wait for those of the longest. */
export function detourTo(plan: Plan, consumer: string): number {
  const depth = depths(plan);
  const producers = routesInto(plan, consumer).map((route) => (route.from === SOURCE ? 0 : depth.get(route.from)!));
  if (producers.length === 0) return 0;
  return roundUp((Math.max(...producers) - Math.min(...producers)) * portionAt(plan, consumer));
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

/** What is a whole number but for the rounding of fractions stays one. */
function roundUp(frames: number): number {
  return Math.max(0, Math.ceil(frames - 1e-9));
}
