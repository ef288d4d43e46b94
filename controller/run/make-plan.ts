/** Stages with a place: a split of a model becomes a plan. */
import type { Epoch } from '../../mesh/frame.ts';
import { type CodecName, checkPlan, type Plan, type Route, type Stage } from '../../partition/plan.ts';
import { type Replicas, replicate } from '../../partition/replicate.ts';

/** What a plan takes over from a split. */
export interface Unplaced {
  readonly stages: readonly Pick<Stage, 'id' | 'layers' | 'inputs' | 'outputs'>[];
  readonly routes: readonly Pick<Route, 'from' | 'to' | 'tensors'>[];
}

/**
 * `places`: of each stage of the split, in the same order: its device, or several devices that take turns. Errors: those of `checkPlan` and
 * `replicate`.
 */
export function makePlan(split: Unplaced, places: readonly (string | Replicas)[], codec: CodecName, epoch: Epoch): Plan {
  const devices = places.map((place) => (typeof place === 'string' ? { devices: [place] } : place));
  const single: Plan = {
    epoch,
    stages: split.stages.map(({ id, layers, inputs, outputs }, index) => ({
      id,
      device: devices[index]!.devices[0]!,
      layers,
      inputs,
      outputs,
    })),
    routes: split.routes.map(({ from, to, tensors }) => ({ from, to, tensors, codec })),
  };
  const plan = split.stages.reduce((made, { id }, index) => replicate(made, id, devices[index]!), single);
  checkPlan(plan);
  return plan;
}
