/** What an agent is told to load for a stage of an execution. */

import { optional } from '../../mesh/wire-number.ts';
import { stageWindowOf } from '../../partition/flow/flow.ts';
import { bytesOf, routesFrom } from '../../partition/flow/plan-shape.ts';
import type { Stage } from '../../partition/plan.ts';
import type { StageOrder } from '../deploy/stage-order.ts';
import type { Execution } from './execution.ts';
import { LEASE_MS } from './lease.ts';
import type { Planned } from './planned.ts';

const WARMUP_RUNS = 2;

type Ordering = Pick<Execution, 'run' | 'session' | 'codecs' | 'weight' | 'speedProbe'>;

export function orderOf({ run, session, codecs, weight, speedProbe }: Ordering, planned: Planned, stage: Stage): StageOrder {
  const { plan, models } = planned;
  const windowFrames = stageWindowOf(plan, stage.id);
  return {
    key: { run, stage: stage.id, epoch: plan.epoch },
    ...models.get(stage.replicaOf ?? stage.id)!,
    inputs: stage.inputs,
    outputs: stage.outputs.map((output) => output.name),
    session,
    warmupRuns: WARMUP_RUNS,
    ...optional('speedProbe', speedProbe),
    leaseMs: LEASE_MS,
    windowFrames,
    windowBytes: windowFrames * bytesOf(stage.inputs),
    weight,
    fresh: planned.fresh?.has(stage.id) === true,
    routes: routesFrom(plan, stage.id).map(({ from, to, tensors, codec, turns }) => ({
      to,
      tensors,
      codecs: codecs.cycleOf({ from, to, codec }),
      ...(turns === undefined ? {} : { turns }),
    })),
  };
}
