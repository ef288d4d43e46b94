/** Plans that cut between layers in the order of their numbers, as those do that see a model as a list. */
import { Groups } from '../group.ts';
import type { Lattice } from '../lattice.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';

/** Number of the set of the first layers, 0 … all. */
export function prefix(lattice: Lattice, layers: number): number {
  return lattice.numberOf((1n << BigInt(layers + 1)) - 2n)!;
}

/** `ends`: how many layers are done after each stage, ascending; stages without layers are left out. As they are, without codecs. */
export function planOfEnds(lattice: Lattice, ends: readonly number[], devices: readonly number[]): PipelinePlan {
  const groups = new Groups(lattice.workload);
  let done = 0;
  return ends.flatMap((end, index) => {
    if (end <= done) return [];
    done = end;
    return [{ to: prefix(lattice, end), group: groups.of(1 << devices[index]!), codec: 0 }];
  });
}
