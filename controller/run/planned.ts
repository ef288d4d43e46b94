/** What an epoch carries out: a plan and the models of its stages. */
import type { Plan } from '../../partition/plan.ts';
import type { StageModel } from '../deploy/stage-order.ts';

export interface Planned {
  readonly plan: Plan;
  /** By stage id; of replicas by the id of the stage they are replicas of. */
  readonly models: ReadonlyMap<string, StageModel>;
  /** It has no room beside what the run has on its devices: that ends first. */
  readonly alone?: boolean;
  /** Stages that must not go on in the process they had. */
  readonly fresh?: ReadonlySet<string>;
}
