/** The shortest period of cuts at bridges only: tensors without which the model would fall apart, each read in one place. */
import { bridgeCuts } from '../../../../partition/cuts/bridge-cuts.ts';
import type { Costs } from '../costs.ts';
import { objectives } from '../objective.ts';
import { restrictedPlan } from './restricted.ts';
import type { Strategy } from './strategy.ts';

export const pepper: Strategy = {
  name: 'pepper',
  summary: 'the shortest period of cuts at bridges',
  plan: (costs: Costs) => {
    const { lattice } = costs;
    const bridges = bridgeCuts(lattice.workload.flow, 1).map(({ near }) => near);
    return restrictedPlan(
      costs,
      bridges.filter((set) => lattice.numberOf(set) !== undefined),
      objectives.throughput,
    );
  },
};
