/**
 * One cut of the graph between two devices, where a frame takes the shortest time: a minimum cut, so neither side needs to be a prefix.
 * (Hu et al.: Dynamic Adaptive DNN Surgery for Inference Acceleration on the Edge, INFOCOM 2019.) Corrected: see latency-cut.ts.
 */
import type { Costs } from '../costs.ts';
import { Groups } from '../group.ts';
import { latencyCut, stagesOfLabels } from '../latency-cut.ts';
import { evaluate, type PipelinePlan } from '../pipeline-plan.ts';
import type { Strategy } from './strategy.ts';

export const dads: Strategy = {
  name: 'dads',
  summary: 'one minimum cut between two devices, for latency',
  plan: (costs: Costs) => {
    const { lattice, fleet } = costs;
    const groups = new Groups(lattice.workload);
    const devices = fleet.devices.map((_, device) => device);
    const heads = fleet.source !== undefined && fleet.source < devices.length ? [fleet.source] : devices;
    let best: { readonly plan: PipelinePlan; readonly latency: number } | undefined;
    for (const head of heads) {
      for (const tail of devices) {
        const order = head === tail ? [head] : [head, tail];
        // Between two devices the head has the frames: they are sent there first, or are there.
        const { label } = latencyCut(lattice.workload, { ...fleet, source: fleet.source === head ? head : undefined }, order);
        const { sets, places } = stagesOfLabels(label);
        const numbers = sets.map((set) => lattice.numberOf(set));
        if (numbers.includes(undefined)) continue;
        const plan = numbers.map((to, stage) => ({ to: to!, group: groups.of(1 << order[places[stage]!]!), codec: 0 }));
        const { latency, fits } = evaluate(costs, plan);
        if (fits && latency < (best?.latency ?? Number.POSITIVE_INFINITY)) best = { plan, latency };
      }
    }
    return best?.plan;
  },
};
