/** The model in one piece: on the best device, or on several that take turns with the frames. */
import type { Costs } from '../costs.ts';
import { Groups } from '../group.ts';
import { evaluate, type PipelinePlan } from '../pipeline-plan.ts';
import type { Strategy } from './strategy.ts';

export const single: Strategy = {
  name: 'single',
  summary: 'the whole model on the fastest device',
  plan: (costs: Costs) =>
    shortestPeriod(
      costs,
      costs.fleet.devices.map((_, device) => [device]),
    ),
};

export const replicate: Strategy = {
  name: 'replicate',
  summary: 'the whole model on several devices that take turns',
  plan: (costs: Costs) => {
    const { lattice, fleet } = costs;
    const time = (device: number): number => lattice.computeSum(lattice.last, device);
    const roomy = fleet.devices.flatMap(({ memoryBytes }, device) => (lattice.memoryBytes(0, lattice.last) <= memoryBytes ? [device] : []));
    const fastest = roomy.sort((a, b) => time(a) - time(b));
    // A slower one more never hurts the others: its share is what it can do. But the way to it may be slow.
    return shortestPeriod(
      costs,
      fastest.map((_, index) => fastest.slice(0, index + 1)),
    );
  },
};

function shortestPeriod(costs: Costs, teams: readonly (readonly number[])[]): PipelinePlan | undefined {
  const groups = new Groups(costs.lattice.workload);
  const plans = teams.map((team): PipelinePlan => [{ to: costs.lattice.last, group: groups.ofDevices(team), codec: 0 }]);
  let best: { readonly plan: PipelinePlan; readonly period: number } | undefined;
  for (const plan of plans) {
    const { period, fits } = evaluate(costs, plan);
    if (fits && period < (best?.period ?? Number.POSITIVE_INFINITY)) best = { plan, period };
  }
  return best?.plan;
}
