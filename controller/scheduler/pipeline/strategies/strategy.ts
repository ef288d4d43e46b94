/** A way to cut a model that somebody published, under our cost model: to compare with, or to choose by name. */
import type { Costs } from '../costs.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';

export interface Strategy {
  readonly name: string;
  /** For `--help`, a few words. */
  readonly summary: string;
  /** Undefined when it has no answer: too few layers or devices, no room. Cuts are made at sets of the lattice only. */
  plan(costs: Costs): PipelinePlan | undefined;
}
