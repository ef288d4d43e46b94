/** The exact program, allowed to cut at some places only: what several published planners come to when nothing keeps them from the best. */
import type { LayerSet } from '../../../../partition/cuts/layer-flow.ts';
import { Costs } from '../costs.ts';
import { idealProgram } from '../ideal-program.ts';
import { Lattice } from '../lattice.ts';
import type { Objective } from '../objective.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';

/** States kept of those with equally many devices, where there are so many that it matters. */
const BEAM = 5000;

/** `sets`: of the lattice; that of all layers is added. One device for each stage, tensors as they are. */
export function restrictedPlan(costs: Costs, sets: readonly LayerSet[], objective: Objective): PipelinePlan | undefined {
  const { lattice, fleet } = costs;
  const all = lattice.sets[lattice.last]!;
  const narrow = new Costs(new Lattice(lattice.workload, [...new Set([...sets, all])]), { ...fleet, codecs: fleet.codecs.slice(0, 1) });
  const below = Number.POSITIVE_INFINITY;
  const { found } = idealProgram(narrow, { objective, teams: 'none', top: 1, errorMax: 0, below, beam: BEAM });
  return found[0]?.plan.map((stage) => ({ ...stage, to: lattice.numberOf(narrow.lattice.sets[stage.to]!)! }));
}

/** Cuts between layers in the order of their numbers, those of the lattice. */
export function prefixSets(lattice: Lattice): LayerSet[] {
  return Array.from({ length: lattice.workload.flow.count }, (_, index) => (1n << BigInt(index + 2)) - 2n).filter(
    (set) => lattice.numberOf(set) !== undefined,
  );
}
