/**
 * Whether a plan fits into the memory of its devices, asked before anything is loaded or sent.
 *
 *     stages on a device: what they need ──▶ more than the device has left? ──▶ one error that names every such device
 *
 * The devices decide for themselves when a stage is loaded (agent/stages/memory-budget.ts): another run may have been faster.
 */
import { formatBytes } from '../../mesh/bytes.ts';
import { MeshError } from '../../mesh/error.ts';
import { type StageMemory, stageMemory } from '../../mesh/stage-memory.ts';
import { stageWindowOf } from '../../partition/flow/flow.ts';
import { bytesOf } from '../../partition/flow/plan-shape.ts';
import type { Plan, Stage } from '../../partition/plan.ts';
import type { Planned } from './planned.ts';

/** What a device says of its memory for stages, bytes. */
export interface Room {
  readonly totalBytes: number;
  /** What stages that are there were admitted with. */
  readonly reservedBytes: number;
}

/** What admission reckons for a stage, or for a replica of it. */
export function stageNeeds(plan: Plan, stage: Stage, models: Planned['models']): StageMemory {
  const { model, externalData } = models.get(stage.replicaOf ?? stage.id)!;
  return stageMemory([model, ...Object.values(externalData)], stageWindowOf(plan, stage.id) * bytesOf(stage.inputs));
}

/** Error `exhausted` with what each device that is too small needs and has; undefined when the plan fits. Devices without a room are taken to have enough. */
export function misfit(
  { plan, models }: Pick<Planned, 'plan' | 'models'>,
  what: string,
  rooms: ReadonlyMap<string, Room>,
): MeshError | undefined {
  const tooSmall = [...Map.groupBy(plan.stages, ({ device }) => device)].flatMap(([device, stages]) => {
    const room = rooms.get(device);
    const needs = stages.map((stage) => ({ id: stage.id, ...stageNeeds(plan, stage, models) }));
    const bytes = needs.reduce((sum, need) => sum + need.bytes, 0);
    if (room === undefined || bytes <= room.totalBytes - room.reservedBytes) return [];
    const each = needs.map(({ id, bytes: own, parts }) => (stages.length === 1 ? `${id}: ${parts}` : `${id} ${formatBytes(own)}`));
    const left = formatBytes(Math.max(0, room.totalBytes - room.reservedBytes));
    const others = room.reservedBytes === 0 ? '' : `; stages that are there hold ${formatBytes(room.reservedBytes)}`;
    return [`${device} needs ${formatBytes(bytes)} (${each.join(', ')}) and has ${left} of ${formatBytes(room.totalBytes)} left${others}`];
  });
  if (tooSmall.length === 0) return undefined;
  return new MeshError('exhausted', `${what} does not fit: ${tooSmall.join('; ')}`, {
    hint: "place stages on other devices, cut the model into more stages, raise the agent's --memory, or wait until another run has ended",
  });
}
