/**
 * One cut between two devices, where a frame takes the shortest time: the head where the frames come from, the tail elsewhere; all or nothing of it
 * included. (Kang et al.: Neurosurgeon, ASPLOS 2017.)
 */
import type { Costs } from '../costs.ts';
import { evaluate, type PipelinePlan } from '../pipeline-plan.ts';
import { planOfEnds } from './prefixes.ts';
import type { Strategy } from './strategy.ts';

export const neurosurgeon: Strategy = {
  name: 'neurosurgeon',
  summary: 'one cut between the source and another device, for latency',
  plan: (costs: Costs) => {
    const { lattice, fleet } = costs;
    const devices = fleet.devices.map((_, device) => device);
    const heads = fleet.source !== undefined && fleet.source < devices.length ? [fleet.source] : devices;
    let best: { readonly plan: PipelinePlan; readonly latency: number } | undefined;
    for (const head of heads) {
      for (const tail of devices) {
        for (let layers = 0; layers <= lattice.workload.flow.count; layers += 1) {
          if (tail === head && layers > 0) break;
          const plan = planOfEnds(lattice, [layers, lattice.workload.flow.count], [head, tail]);
          if (plan === undefined) continue;
          const { latency, fits } = evaluate(costs, plan);
          if (fits && latency < (best?.latency ?? Number.POSITIVE_INFINITY)) best = { plan, latency };
        }
      }
    }
    return best?.plan;
  },
};
