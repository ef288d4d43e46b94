/**
 * As many layers on each device, in the order of the devices.
 * (Parthasarathy, Krishnamachari: DEFER, Distributed Edge Inference for Deep Neural Networks, COMSNETS 2022.)
 */
import type { Costs } from '../costs.ts';
import { planOfEnds } from './prefixes.ts';
import type { Strategy } from './strategy.ts';

export const even: Strategy = {
  name: 'even',
  summary: 'as many layers on each device (DEFER)',
  plan: ({ lattice, fleet }: Costs) => {
    const layers = lattice.workload.flow.count;
    const devices = fleet.devices.map((_, device) => device);
    return planOfEnds(
      lattice,
      devices.map((index) => Math.round((layers * (index + 1)) / devices.length)),
      devices,
    );
  },
};
