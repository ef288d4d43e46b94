/**
 * `--split MODEL@auto`: a plan is searched for, carried out, and what it measured remembered. Where the profiler knows the devices, the search
 * begins with what it foretells; then the report says what it foretold of each stage, and what it learned.
 */
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Plan } from '../../partition/plan.ts';
import type { Foretell } from '../plan/measured-fleet.ts';
import { StageForecast } from '../profile/stage-forecast.ts';
import type { Query } from '../profiler/basis.ts';
import type { MeasureSummary } from '../run/measure-summary.ts';
import { parseLayers } from '../run/plan-file.ts';
import { dataFolder } from '../store/folders.ts';
import { foretellLayers, type LayerForecast } from './foretell-layers.ts';
import { PlanSearch } from './plan-search.ts';
import type { PlannedRun } from './planned-run.ts';
import { Recutting } from './recutting.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSetup } from './run-setup.ts';

/** Errors: `exhausted` when no plan fits; whatever trials run into. */
export async function automaticRun(setup: RunSetup, options: RunOptions): Promise<AutomaticRun> {
  const { objective } = options;
  const { prepared, tools } = setup;
  const wish = { objective, replicate: true, top: 1, errorMax: 0 };
  const forecast = await foretellLayers(prepared.resolved, dataFolder(options.data, tools.env), tools);
  const devices = new Map<string, Device>();
  const foretell: Foretell = (device, threads) => {
    devices.set(device.name, device);
    return forecast?.foretell(device, threads);
  };
  const search = new PlanSearch(setup, options, wish, { foretell });
  const planned = await search.chosen(await search.run());
  // Shadow frames follow each other as the turns of the first plan do; plans without turns go with any.
  const later = { ...wish, replicate: options.codecs.budget === undefined };
  const recutter = new Recutting(search, later, planned.plan);
  const stages = forecast === undefined ? undefined : stageForecast(forecast, planned.plan, setup, (name) => devices.get(name));
  return {
    planned: { ...planned, recutter, ...(stages === undefined ? {} : { forecast: stages }) },
    learn: (measured, steady) => search.learn(planned, measured, steady),
  };
}

export interface AutomaticRun {
  readonly planned: PlannedRun;
  /** Keeps what the run measured for the next time. `steady`: it went on with one plan from beginning to end. */
  learn(measured: MeasureSummary, steady: boolean): Promise<void>;
}

function stageForecast(
  { predictor, query, layerOf }: LayerForecast,
  first: Plan,
  { prepared, first: { session } }: RunSetup,
  deviceOf: (name: string) => Device | undefined,
): StageForecast {
  const count = prepared.layered.layers.length;
  const ofStage = (layers: string, name: string): Query | undefined => {
    const device = deviceOf(name);
    if (device === undefined) return undefined;
    const own = new Set(parseLayers(layers, count, (what) => new MeshError('invalid', what)));
    const whole = query(device, session.intraOpThreads);
    const kernels = whole.kernels.filter((_, index) => own.has(layerOf[index]!));
    return kernels.length === 0 || !predictor.knows(whole.circumstance) ? undefined : { ...whole, kernels };
  };
  return new StageForecast(first, { predictor, query: ofStage });
}
