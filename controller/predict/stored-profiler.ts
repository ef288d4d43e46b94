/**
 * The profiler that the service asks, from what is stored on this machine. Learned when it is first asked, and again when more was measured since.
 *
 *     ONNX file ──▶ kernels (store, cache, or an agent that loads it) ─┐
 *     or its counts ───────────────────────────────────────────────────┴▶ predictor ──▶ each device that it knows
 */
import { MeshError } from '../../mesh/error.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { resolveModel } from '../../partition/load.ts';
import { Closers } from '../closers.ts';
import { BenchClient } from '../deploy/bench-client.ts';
import { LoneAgent } from '../deploy/lone-agent.ts';
import type { KnownState } from '../profile/device-state/known-state.ts';
import type { DevicePrediction, ProfiledSubject, ProfilerPort } from '../profile/serve/profiler-port.ts';
import { familyOf } from '../profile/subjects/families.ts';
import { wholeModel } from '../profile/subjects/whole-model.ts';
import type { Query } from '../profiler/basis.ts';
import type { Predictor } from '../profiler/predictor.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { modelKernels } from './model-kernels.ts';
import { measuredPlaces, type Place, placeOfDevice, predictOnDevices } from './predict-on-devices.ts';
import { nothingCollected, trainedProfile } from './trained-profile.ts';

export interface StoredProfilerOptions {
  /** Of the data. */
  readonly folder: string;
  readonly cacheFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** A name that no other run has. */
  readonly runName: () => string;
  readonly say: (message: string) => void;
}

interface Learned {
  /** Samples that there were. */
  readonly samples: number;
  readonly predictor: Predictor;
  /** Devices by name, as they were measured last. */
  readonly measured: readonly Place[];
}

export class StoredProfiler implements ProfilerPort {
  readonly #options: StoredProfilerOptions;
  #learned: Learned | undefined;
  /** One after the other: they learn once. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: StoredProfilerOptions) {
    this.#options = options;
  }

  predict(subject: ProfiledSubject, devices: readonly KnownState[], signal: AbortSignal): Promise<readonly DevicePrediction[]> {
    const answer = this.#turn.then(() => this.#predict(subject, devices, signal));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #predict(subject: ProfiledSubject, devices: readonly KnownState[], signal: AbortSignal): Promise<readonly DevicePrediction[]> {
    signal.throwIfAborted();
    await using store = await ProfileStore.open(this.#options.folder);
    const { predictor, measured } = await this.#learn(store);
    const found = subject.onnxPath === undefined ? asCounted(subject) : await this.#asKernels(subject, subject.onnxPath, store, signal);
    // A device that nothing is known of gets no guess.
    const places = devices.flatMap((state) => placeOf(state, measured)).filter(({ circumstance }) => predictor.knows(circumstance));
    return predictOnDevices(predictor, found.subject, found.kernels, places).map(({ place, prediction }) => ({
      node: place.circumstance.device,
      prediction,
    }));
  }

  async #learn(store: ProfileStore): Promise<Learned> {
    const { folder, say } = this.#options;
    const samples = (await store.sampleCounts()).reduce((sum, each) => sum + each.samples, 0);
    if (this.#learned?.samples === samples) return this.#learned;
    const predictor = await trainedProfile({
      ...{ folder, store },
      fitting: (count) => say(`learning from ${count} samples …`),
      warn: (message) => say(`warning: ${message}`),
    });
    if (predictor === undefined) throw nothingCollected();
    this.#learned = { samples, predictor, measured: await measuredPlaces(store) };
    return this.#learned;
  }

  async #asKernels(
    { model: name }: ProfiledSubject,
    path: string,
    store: ProfileStore,
    signal: AbortSignal,
  ): Promise<{ readonly subject: Query['subject']; readonly kernels: readonly Kernel[] }> {
    const { cacheFolder, env, now, runName } = this.#options;
    const resolved = await resolveModel(path, { cacheDir: cacheFolder });
    const prepared = await wholeModel(resolved, { kind: 'model', model: name, family: familyOf(name), part: '' }, signal);
    const closers = new Closers();
    try {
      const kernels = await modelKernels(prepared, {
        ...{ store, folder: cacheFolder, run: runName(), now, signal },
        device: async () => {
          const agent = closers.use(await LoneAgent.start({ name: 'kernels', flags: [], env, signal }));
          return closers.use(new BenchClient(agent.name, agent.address));
        },
      });
      return { subject: prepared.subject, kernels };
    } finally {
      await closers.close();
    }
  }
}

function asCounted({ characteristics, inputBytes, outputBytes }: ProfiledSubject): {
  readonly subject: Query['subject'];
  readonly kernels: undefined;
} {
  if (inputBytes === undefined || outputBytes === undefined)
    throw new MeshError('unsupported', 'counts alone do not tell how long a model takes: how much goes in and comes out is missing');
  return { subject: { characteristics, inputBytes, outputBytes }, kernels: undefined };
}

/** As the mesh says it is, or as it was when it was measured under the name that a Prometheus has for it. */
function placeOf({ node, device, state }: KnownState, measured: readonly Place[]): Place[] {
  if (device !== undefined) return [placeOfDevice(device, 0, state)];
  const known = measured.findLast(({ circumstance }) => circumstance.device === node);
  if (known === undefined) return [];
  const { load: _, ...circumstance } = known.circumstance;
  return [{ circumstance, state }];
}
