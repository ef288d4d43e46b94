/**
 * What `profile predict` and `place` ask: a model on the devices that may run it, and what is needed for the answer: the fitted profiler, the model's
 * kernels, the devices as they are.
 */
import { MeshError } from '../../mesh/error.ts';
import { Closers } from '../closers.ts';
import { BenchClient } from '../deploy/bench-client.ts';
import { LoneAgent } from '../deploy/lone-agent.ts';
import { discoverAll } from '../devices/discover.ts';
import { joinMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { modelKernels } from '../predict/model-kernels.ts';
import { measuredPlaces, type Place, type PlacePrediction, placeOfDevice, predictOnDevices } from '../predict/predict-on-devices.ts';
import { nothingCollected, trainedProfile } from '../predict/trained-profile.ts';
import { stateOfLoad } from '../profile/device-state/mesh-states.ts';
import { familyOf, modelName } from '../profile/subjects/families.ts';
import { wholeModel } from '../profile/subjects/whole-model.ts';
import type { Subject } from '../profiler/sample.ts';
import { cacheFolder, dataFolder } from '../store/folders.ts';
import { ProfileStore } from '../store/profile-store.ts';
import type { Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { runName } from './run-name.ts';
import { asked } from './usage.ts';

export interface Asked {
  readonly model: string;
  readonly choice: MeshChoice;
  /** Names; empty: all. */
  readonly devices: readonly string[];
  /** 0: as many as each device takes by itself. */
  readonly threads: number;
  readonly data: string | undefined;
}

export interface Answer {
  readonly subject: Subject;
  readonly kernels: number;
  /** Fastest first, at least one. */
  readonly places: readonly PlacePrediction[];
}

/** Errors: `not-found` when nothing was measured yet; `usage` for a device that is not there; those of the model and of the agent that is asked. */
export async function predictionOf(question: Asked, io: Io): Promise<Answer> {
  const { model, choice, devices, threads, data } = question;
  const folder = dataFolder(data, io.env);
  await using store = await ProfileStore.open(folder);
  const say = (message: string): void => io.stderr(`controller: ${message}\n`);
  const resolved = await watched(io, (watch) => asked(() => loadModel(model, io, watch)));
  const predictor = await trainedProfile({
    ...{ folder, store },
    fitting: (samples) => say(`learning from ${samples} samples …`),
    warn: (message) => say(`warning: ${message}`),
  });
  if (predictor === undefined) throw nothingCollected();
  const places = chosen(
    choice.nats === undefined ? await measuredPlaces(store) : await meshPlaces(choice, threads, io.signal),
    devices,
    threads,
  );
  const name = modelName(model);
  const prepared = await wholeModel(resolved, { kind: 'model', model: name, family: familyOf(name), part: '' }, io.signal);
  const closers = new Closers();
  try {
    const kernels = await modelKernels(prepared, {
      ...{ store, folder: cacheFolder(io.env), run: runName(io.wallClock()), now: io.now, signal: io.signal },
      device: async () => {
        say(`asking the runtime which kernels ${name} has …`);
        // A device of the mesh has the mesh's kind of processor, which decides what the runtime makes of a model.
        const there = places.find(({ device }) => device !== undefined)?.device;
        if (there !== undefined) return closers.use(new BenchClient(there.name, there.address));
        const agent = closers.use(await LoneAgent.start({ name: 'kernels', flags: [], env: io.env, signal: io.signal }));
        return closers.use(new BenchClient(agent.name, agent.address));
      },
    });
    return { subject: prepared.subject, kernels: kernels.length, places: predictOnDevices(predictor, prepared.subject, kernels, places) };
  } finally {
    await closers.close();
  }
}

async function meshPlaces(choice: MeshChoice, threads: number, signal: AbortSignal): Promise<readonly Place[]> {
  const { bus, subjects } = await joinMesh(choice, () => {});
  try {
    const found = await discoverAll({ bus, subjects, signal });
    if (found.length === 0) {
      throw new MeshError('unreachable', 'no device answers in this mesh', {
        hint: 'start an agent there; controller devices shows who is there',
      });
    }
    return found.filter(({ draining }) => !draining).map(({ device, load }) => placeOfDevice(device, threads, stateOfLoad(device, load)));
  } finally {
    await bus.close();
  }
}

function chosen(places: readonly Place[], devices: readonly string[], threads: number): readonly Place[] {
  const names = [...new Set(places.map(({ circumstance }) => circumstance.device))];
  const unknown = devices.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new MeshError('usage', `there is no device "${unknown}"`, { hint: `known devices: ${names.join(', ')}` });
  const found = places.filter(
    ({ circumstance }) =>
      (devices.length === 0 || devices.includes(circumstance.device)) && (threads === 0 || circumstance.threads === threads),
  );
  if (found.length > 0) return found;
  throw new MeshError('usage', `no device was measured with ${threads} threads`, {
    hint: 'controller profile collect --threads measures it',
  });
}
