/**
 * Puts a stage on several devices that take turns with the frames. Every route at the stage becomes one to each replica, with the
 * replica's turns; next to a stage that is replicated already it carries the frames that both have.
 *
 *     a ─▶ b ─▶ c      b on two devices, shares 2:1      a ─▶ b-1 ─▶ c     of 3 at 0,2
 *                                                        └─▶ b-2 ───┘     of 3 at 1
 *
 * Pure: plan in, plan out.
 */
import { MeshError } from '../mesh/error.ts';
import { sharedTurns, type Turns } from '../mesh/turns.ts';
import type { Plan, Route, Stage } from './plan.ts';
import { turnsOfShares } from './share-turns.ts';

export interface Replicas {
  /** Of each replica; a device may be named several times. */
  readonly devices: readonly string[];
  /** How many frames of all each replica gets, as whole numbers in proportion. Absent: equal shares. */
  readonly shares?: readonly number[];
}

/** The id of a replica, counted from 0. */
export function replicaId(stage: string, index: number): string {
  return `${stage}-${index + 1}`;
}

/**
 * The plan with stage `id` replicated; on one device it is only placed there. The stage must get every frame so far. Errors: `invalid` for
 * a stage that is not there or is a replica, no devices, other shares than devices, or turns that do not repeat soon enough (mesh/turns.ts).
 */
export function replicate(plan: Plan, id: string, { devices, shares }: Replicas): Plan {
  const stage = plan.stages.find((each) => each.id === id);
  if (stage === undefined) throw new MeshError('invalid', `there is no stage ${id} to replicate`);
  if (stage.replicaOf !== undefined)
    throw new MeshError('invalid', `${id} is a replica of ${stage.replicaOf} and can't be replicated again`);
  if (devices.length === 0) throw new MeshError('invalid', `stage ${id} is to run on no device`);
  if (shares !== undefined && shares.length !== devices.length) {
    throw new MeshError('invalid', `stage ${id} has ${shares.length} shares for ${devices.length} devices: expected one each`);
  }
  if (devices.length === 1)
    return { ...plan, stages: plan.stages.map((each) => (each === stage ? { ...stage, device: devices[0]! } : each)) };
  const turns = turnsOfShares(shares ?? devices.map(() => 1));
  const replicas = devices.map((device, index): Stage => ({ ...stage, id: replicaId(id, index), device, replicaOf: id }));
  const split = (route: Route, end: 'from' | 'to'): Route[] =>
    replicas.flatMap((replica, index) => {
      const shared = sharedTurns(route.turns, turns[index]);
      return shared === 'none' ? [] : [withTurns({ ...route, [end]: replica.id }, shared)];
    });
  return {
    ...plan,
    stages: plan.stages.flatMap((each) => (each === stage ? replicas : [each])),
    routes: plan.routes.flatMap((route) => (route.from === id ? split(route, 'from') : route.to === id ? split(route, 'to') : [route])),
  };
}

function withTurns({ turns: _, ...route }: Route, turns: Turns | undefined): Route {
  return turns === undefined ? route : { ...route, turns };
}
