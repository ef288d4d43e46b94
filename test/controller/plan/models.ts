/** Models and devices that the tests of plans share. */
import { type Rates, TYPICAL } from '../../../controller/plan/device-speed.ts';
import { CONTROLLER, type PlanDevice, type PlanFleet } from '../../../controller/plan/plan-fleet.ts';
import type { PlanWish } from '../../../controller/plan/plan-model.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { type LayeredGraph, listLayers } from '../../../partition/layers.ts';
import { ZOO_SEED, zooModel } from '../../../partition/zoo/catalogue.ts';

const known = new Map<string, LayeredGraph>();

export function zooLayers(name: string): LayeredGraph {
  const layered = known.get(name) ?? listLayers(buildGraph(zooModel(name).build(ZOO_SEED)));
  known.set(name, layered);
  return layered;
}

/** Without limits; `rates` of 5·10⁹ multiply-accumulates per second unless said. */
export function planDevice(name: string, more: Partial<PlanDevice> & { readonly rates?: Rates | undefined } = {}): PlanDevice {
  return {
    name,
    rates: TYPICAL,
    segments: new Map(),
    memoryBytes: Number.POSITIVE_INFINITY,
    cpuMsPerByte: 0,
    cpuMsPerMessage: 0,
    activeWatts: 1,
    radioNanojoulesPerByte: 0,
    ...more,
  };
}

/** Frames come from the controller and results go there, over links of 940 Mbit/s. */
export function planFleet(devices: readonly PlanDevice[], more: Partial<PlanFleet> = {}): PlanFleet {
  return {
    devices,
    source: CONTROLLER,
    sink: CONTROLLER,
    codecs: [],
    frameMs: 0,
    link: () => ({ bytesPerMs: 117_500, latencyMs: 0.3 }),
    ...more,
  };
}

export const wish = (more: Partial<PlanWish> = {}): PlanWish => ({
  objective: 'throughput',
  replicate: true,
  top: 1,
  errorMax: 0,
  ...more,
});
