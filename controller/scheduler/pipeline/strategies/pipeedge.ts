/**
 * The shortest period of all cuts between numbered layers and all assignments to types of devices: a program over (layers done, devices used of each
 * type). (Hu et al.: PipeEdge, Pipeline Parallelism for Large-Scale Model Inference on Heterogeneous Edge Devices, DSD 2022.) Corrected: the time of
 * a hop is that of the two devices it is between, whichever they are, and devices of one type count as alike only if their links are, too.
 */
import type { Costs } from '../costs.ts';
import { objectives } from '../objective.ts';
import { prefixSets, restrictedPlan } from './restricted.ts';
import type { Strategy } from './strategy.ts';

export const pipeedge: Strategy = {
  name: 'pipeedge',
  summary: 'the shortest period of all cuts between layers in their order',
  plan: (costs: Costs) => restrictedPlan(costs, prefixSets(costs.lattice), objectives.throughput),
};
