/** Stages with a place: a split of a model becomes a plan. */
import type { Epoch } from '../../mesh/frame.ts';
import type { CodecName, Plan } from '../../partition/plan.ts';
import type { Split } from '../../partition/split.ts';

/** `devices`: of each stage of the split, in the same order. */
export function makePlan(split: Split, devices: readonly string[], codec: CodecName, epoch: Epoch): Plan {
  return {
    epoch,
    stages: split.stages.map(({ id, layers, inputs, outputs }, index) => ({ id, device: devices[index]!, layers, inputs, outputs })),
    routes: split.routes.map((route) => ({ ...route, codec })),
  };
}
