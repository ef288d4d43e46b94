/**
 * The shortest time of a frame among all cuts at places that one tensor crosses (between blocks) and all orders of devices. The paper benchmarks
 * each block on each device and goes through all combinations; the program finds the same one sooner.
 * (Lockhart et al.: Scission, Performance-driven and Context-aware Cloud-Edge Distribution of Deep Neural Networks, UCC 2020.)
 */
import { singleTensorCuts } from '../../../../partition/cuts/single-tensor-cuts.ts';
import type { Costs } from '../costs.ts';
import { objectives } from '../objective.ts';
import { restrictedPlan } from './restricted.ts';
import type { Strategy } from './strategy.ts';

export const scission: Strategy = {
  name: 'scission',
  summary: 'the shortest latency of all cuts between blocks',
  plan: (costs: Costs) => {
    const { lattice } = costs;
    const blocks = singleTensorCuts(lattice.workload.flow).map(({ near }) => near);
    return restrictedPlan(
      costs,
      blocks.filter((set) => lattice.numberOf(set) !== undefined),
      objectives.latency,
    );
  },
};
