/**
 * What the profiler foretells of a model's layers on the devices of a mesh, for the planner: kernels by the layers they belong to.
 *
 *     kernels of the model (store, cache, or a device that loads it) ──▶ ms of each on a device ──▶ sums by layer
 */
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import type { ResolvedModel } from '../../partition/load.ts';
import { BenchClient } from '../deploy/bench-client.ts';
import type { Foretell } from '../plan/measured-fleet.ts';
import { modelKernels } from '../predict/model-kernels.ts';
import { placeOfDevice } from '../predict/predict-on-devices.ts';
import { trainedProfile } from '../predict/trained-profile.ts';
import { layersOfKernels } from '../profile/kernel-layers.ts';
import { familyOf, modelName } from '../profile/subjects/families.ts';
import { wholeModel } from '../profile/subjects/whole-model.ts';
import type { Query } from '../profiler/basis.ts';
import type { Predictor } from '../profiler/predictor.ts';
import { cacheFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import type { RunTools } from './planned-run.ts';
import { runName } from './run-name.ts';

export interface LayerForecast {
  readonly predictor: Predictor;
  /** Of the whole model on a device, as if nothing else ran on it. */
  readonly query: (device: Device, threads: number) => Query & Required<Pick<Query, 'kernels'>>;
  /** Layer of each kernel. */
  readonly layerOf: readonly number[];
  readonly foretell: Foretell;
}

/** `folder`: of the data. Undefined: nothing was collected, or nobody can tell the kernels of the model; a warning says the latter. */
export async function foretellLayers(model: ResolvedModel, folder: string, tools: RunTools): Promise<LayerForecast | undefined> {
  const { watcher, env, now, wallClock, signal, mesh } = tools;
  const warn = (message: string): void => watcher({ kind: 'warning', message });
  try {
    await using store = await ProfileStore.open(folder);
    const predictor = await trainedProfile({ folder, store, fitting: () => watcher({ kind: 'phase', phase: 'profile' }), warn });
    if (predictor === undefined) return undefined;
    const name = modelName(model.name);
    const prepared = await wholeModel(model, { kind: 'model', model: name, family: familyOf(name), part: '' }, signal);
    const agent = [...mesh.agents.values()][0]!;
    using client = new BenchClient(agent.name, agent.address);
    const asking = { store, folder: cacheFolder(env), run: `${runName(wallClock())}-kernels`, now, signal, device: async () => client };
    const kernels = await modelKernels(prepared, asking);
    const layerOf = layersOfKernels(model.layered, kernels);
    const query = (device: Device, threads: number) => {
      const { circumstance, state } = placeOfDevice(device, threads, {});
      return { subject: prepared.subject, kernels, state, circumstance: { ...circumstance, load: { cores: 0, duty: 0 } } };
    };
    const layers = model.layered.layers.length;
    const foretell = (device: Device, threads: number): readonly number[] | undefined => {
      const asked = query(device, threads);
      return predictor.knows(asked.circumstance) ? byLayer(predictor.kernelMs(asked), layerOf, layers) : undefined;
    };
    return { predictor, query, layerOf, foretell };
  } catch (error) {
    if (signal.aborted) throw error;
    warn(`times can't be foretold, they are measured: ${MeshError.from(error).message}`);
    return undefined;
  }
}

function byLayer(kernelMs: readonly number[] | undefined, layerOf: readonly number[], layers: number): readonly number[] | undefined {
  if (kernelMs === undefined) return undefined;
  const times = new Array<number>(layers + 1).fill(0);
  for (const [index, ms] of kernelMs.entries()) times[layerOf[index]!]! += ms;
  return times;
}
