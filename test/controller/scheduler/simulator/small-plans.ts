/** Plans for tests of the simulator, made from who reads whom, and scenarios of them in which nothing costs anything but what a test says. */
import type { Scenario } from '../../../../controller/scheduler/simulator/scenario.ts';
import { SINK, SOURCE } from '../../../../mesh/frame.ts';
import type { TensorSpec } from '../../../../mesh/tensor.ts';
import type { Plan, Route, Stage } from '../../../../partition/plan.ts';

export interface SmallStage {
  readonly id: string;
  /** Default: one of its own, named like the stage. */
  readonly device?: string;
  /** Ids of stages, or `source`. */
  readonly reads: readonly string[];
}

/** Every stage makes one tensor of `bytes`; what nobody reads goes to the sink. */
export function smallPlan(stages: readonly SmallStage[], bytes = 1000): Plan {
  const tensor = (from: string): TensorSpec => ({ name: `of ${from}`, dtype: 'uint8', dims: [bytes] });
  const read = new Set(stages.flatMap(({ reads }) => reads));
  const route = (from: string, to: string): Route => ({ from, to, tensors: [`of ${from}`], codec: 'none' });
  return {
    epoch: 1n,
    stages: stages.map(
      ({ id, device = id, reads }): Stage => ({ id, device, layers: '', inputs: reads.map(tensor), outputs: [tensor(id)] }),
    ),
    routes: [
      ...stages.flatMap(({ id, reads }) => reads.map((from) => route(from, id))),
      ...stages.filter(({ id }) => !read.has(id)).map(({ id }) => route(id, SINK)),
    ],
  };
}

/** source → s1 → s2 → … → sink, each on a device of its own. */
export function chain(stages: number, bytes?: number): Plan {
  return smallPlan(
    Array.from({ length: stages }, (_, index) => ({ id: `s${index + 1}`, reads: [index === 0 ? SOURCE : `s${index}`] })),
    bytes,
  );
}

/** Two cores per device, closed loop. `computeMs`: of each stage in the plan's order. */
export function scenario(plan: Plan, computeMs: readonly number[], more: Partial<Scenario> = {}): Scenario {
  return {
    plan,
    devices: [...new Set(plan.stages.map(({ device }) => device))].map((name) => ({ name, cores: 2 })),
    stages: plan.stages.map(({ id }, index) => ({ stage: id, computeMs: computeMs[index]! })),
    frames: 200,
    window: 'auto',
    arrivals: { kind: 'closed' },
    seed: 1,
    ...more,
  };
}
