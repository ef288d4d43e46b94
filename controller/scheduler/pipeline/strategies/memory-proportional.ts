/**
 * As many layers as the device has memory, relative to the others; the largest device first. Devices without a limit count as the largest that has
 * one. (The ring partitioning of exo; llama.cpp divides layers among its servers by free memory, too.)
 */
import type { Costs } from '../costs.ts';
import { planOfEnds } from './prefixes.ts';
import type { Strategy } from './strategy.ts';

export const memoryProportional: Strategy = {
  name: 'memory-proportional',
  summary: 'layers in proportion to memory (exo, llama.cpp)',
  plan: ({ lattice, fleet }: Costs) => {
    const limited = fleet.devices.map(({ memoryBytes }) => memoryBytes).filter(Number.isFinite);
    const largest = limited.length === 0 ? 1 : Math.max(...limited);
    const size = fleet.devices.map(({ memoryBytes }) => (Number.isFinite(memoryBytes) ? memoryBytes : largest));
    const devices = [...size.keys()].sort((a, b) => size[b]! - size[a]! || a - b);
    const total = size.reduce((sum, each) => sum + each, 0);
    let taken = 0;
    const ends = devices.map((device) => {
      taken += size[device]!;
      return Math.round((lattice.workload.flow.count * taken) / total);
    });
    return planOfEnds(lattice, ends, devices);
  },
};
