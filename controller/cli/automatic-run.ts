/** `--split MODEL@auto`: a plan is searched for, carried out, and what it measured remembered. */
import type { MeasureSummary } from '../run/measure-summary.ts';
import { PlanSearch } from './plan-search.ts';
import type { PlannedRun } from './planned-run.ts';
import { Recutting } from './recutting.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSetup } from './run-setup.ts';

/** Errors: `exhausted` when no plan fits; whatever trials run into. */
export async function automaticRun(setup: RunSetup, options: RunOptions): Promise<AutomaticRun> {
  const { objective } = options;
  const wish = { objective, replicate: true, top: 1, errorMax: 0 };
  const search = new PlanSearch(setup, options, wish);
  const planned = await search.chosen(await search.run());
  // Shadow frames follow each other as the turns of the first plan do; plans without turns go with any.
  const later = { ...wish, replicate: options.codecs.budget === undefined };
  const recutter = new Recutting(search, later, planned.plan);
  return { planned: { ...planned, recutter }, learn: (measured, steady) => search.learn(planned, measured, steady) };
}

export interface AutomaticRun {
  readonly planned: PlannedRun;
  /** Keeps what the run measured for the next time. `steady`: it went on with one plan from beginning to end. */
  learn(measured: MeasureSummary, steady: boolean): Promise<void>;
}
