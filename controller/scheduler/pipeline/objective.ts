/**
 * What a planner minimizes, and how the price of a pipeline grows stage by stage.
 *
 *     throughput   the longest of all stages and hops       the period: 1 ÷ frames per second
 *     latency      the sum of all stages and hops
 *     energy       the sum of what all stages take
 */
import type { Costs, Span } from './costs.ts';
import type { Group } from './group.ts';
import type { Evaluation } from './pipeline-plan.ts';

export type ObjectiveName = 'throughput' | 'latency' | 'energy';

export interface Objective {
  readonly name: ObjectiveName;
  /** Whether the prices of parts add up; otherwise the largest counts. */
  readonly additive: boolean;
  stage(costs: Costs, span: Span, group: Group): number;
  hop(costs: Costs, to: number, codec: number, from: Group, next: Group): number;
  of(evaluation: Evaluation): number;
  /** Of every pipeline, before its first stage. */
  least(costs: Costs): number;
  /** Of one layer on a device, at least: for bounds. */
  layer(costs: Costs, time: number, device: number): number;
}

/** Groups of one device only: taking turns makes no frame faster and saves nothing. */
const only = ({ members }: Group): number => members[0]!;

export const objectives: Readonly<Record<ObjectiveName, Objective>> = {
  throughput: {
    name: 'throughput',
    additive: false,
    stage: (costs, span, group) => costs.stagePeriod(span, group),
    hop: (costs, to, codec, from, next) => (costs.fleet.transfers === 'blocking' ? 0 : costs.hopPeriod(to, codec, from, next)),
    of: ({ period }) => period,
    least: ({ fleet }) => fleet.framePeriod,
    layer: (_, time) => time,
  },
  latency: {
    name: 'latency',
    additive: true,
    stage: (costs, { from, to, codecIn, codecOut }, group) =>
      costs.deviceTime(from, to, only(group), codecIn, codecOut) + costs.endsTime(from, to, only(group)),
    hop: (costs, to, codec, from, next) => costs.hopTime(to, codec, only(from), only(next)),
    of: ({ latency }) => latency,
    least: () => 0,
    layer: (_, time) => time,
  },
  energy: {
    name: 'energy',
    additive: true,
    stage: (costs, { from, to, codecIn, codecOut }, group) => costs.stageEnergy(from, to, only(group), codecIn, codecOut),
    hop: () => 0,
    of: ({ energy }) => energy,
    least: () => 0,
    layer: (costs, time, device) => time * costs.fleet.devices[device]!.activeWatts,
  },
};
