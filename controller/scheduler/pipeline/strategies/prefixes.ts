/** Plans that cut between layers in the order of their numbers, as those do that see a model as a list. */
import { Groups } from '../group.ts';
import type { Lattice } from '../lattice.ts';
import type { PipelinePlan, PipelineStage } from '../pipeline-plan.ts';

/** Number of the set of the first layers, 0 … all. Undefined: no cut is made there, for a size is not known. */
export function prefix(lattice: Lattice, layers: number): number | undefined {
  return lattice.numberOf((1n << BigInt(layers + 1)) - 2n);
}

/**
 * `ends`: how many layers are done after each stage, ascending; stages without layers are left out. As they are, without codecs. Undefined when no
 * cut is made at one of them.
 */
export function planOfEnds(lattice: Lattice, ends: readonly number[], devices: readonly number[]): PipelinePlan | undefined {
  const groups = new Groups(lattice.workload);
  const stages: PipelineStage[] = [];
  let done = 0;
  for (const [index, end] of ends.entries()) {
    if (end <= done) continue;
    done = end;
    const to = prefix(lattice, end);
    if (to === undefined) return undefined;
    stages.push({ to, group: groups.of(1 << devices[index]!), codec: 0 });
  }
  return stages;
}
