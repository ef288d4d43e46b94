/** What an agent is told to load for a stage of an execution. */

import { stageWindowOf } from '../../partition/flow/flow.ts';
import { bytesOf, routesFrom } from '../../partition/flow/plan-shape.ts';
import type { Stage } from '../../partition/plan.ts';
import type { StageOrder } from '../deploy/stage-order.ts';
import type { Execution } from './execution.ts';
import { LEASE_MS } from './lease.ts';

const WARMUP_RUNS = 2;

type Ordering = Pick<Execution, 'plan' | 'models' | 'run' | 'session' | 'codecs'>;

export function orderOf({ plan, models, run, session, codecs }: Ordering, stage: Stage): StageOrder {
  const windowFrames = stageWindowOf(plan, stage.id);
  return {
    key: { run, stage: stage.id, epoch: plan.epoch },
    ...models.get(stage.replicaOf ?? stage.id)!,
    inputs: stage.inputs,
    outputs: stage.outputs.map((output) => output.name),
    session,
    warmupRuns: WARMUP_RUNS,
    leaseMs: LEASE_MS,
    windowFrames,
    windowBytes: windowFrames * bytesOf(stage.inputs),
    weight: 100,
    routes: routesFrom(plan, stage.id).map(({ from, to, tensors, codec, turns }) => ({
      to,
      tensors,
      codecs: codecs.cycleOf({ from, to, codec }),
      ...(turns === undefined ? {} : { turns }),
    })),
  };
}
