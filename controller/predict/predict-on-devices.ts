/**
 * A model on several devices, fastest first: what is known of each device meets what is known of the model.
 *
 *     device of the mesh: what it says of itself ─┐
 *     device that was measured: its last sample  ─┴▶ circumstance, state ──▶ predictor ──▶ ms, interval
 */
import type { Device } from '../../mesh/device.ts';
import type { Kernel } from '../../mesh/kernel.ts';
import { intraOpThreads } from '../../mesh/session-settings.ts';
import { optional } from '../../mesh/wire-number.ts';
import { circumstanceOf } from '../profile/circumstance.ts';
import type { Query } from '../profiler/basis.ts';
import type { Prediction } from '../profiler/prediction.ts';
import type { Predictor } from '../profiler/predictor.ts';
import type { Circumstance, DeviceState, Sample } from '../profiler/sample.ts';
import type { ProfileStore } from '../store/profile-store.ts';

/** Where a model may run. */
export interface Place {
  readonly circumstance: Circumstance;
  readonly state: DeviceState;
  /** When it is there: in a mesh. */
  readonly device?: Device;
}

export interface PlacePrediction {
  readonly place: Place;
  readonly prediction: Prediction;
}

/** Fastest first. Places that nothing can be said of are left out. */
export function predictOnDevices(
  predictor: Predictor,
  subject: Query['subject'],
  kernels: readonly Kernel[] | undefined,
  places: readonly Place[],
): readonly PlacePrediction[] {
  return places
    .flatMap((place): PlacePrediction[] => {
      const prediction = predictor.predict({ subject, ...place, ...optional('kernels', kernels) });
      return prediction === undefined ? [] : [{ place, prediction }];
    })
    .toSorted((a, b) => a.prediction.ms - b.prediction.ms);
}

/** As it is in the mesh. `threads`: 0 for as many as it takes by itself. */
export function placeOfDevice(device: Device, threads: number, state: DeviceState): Place {
  const { cpuQuotaCores, memoryLimitBytes, cores } = device;
  const limits = { ...optional('quotaCores', cpuQuotaCores), ...optional('memoryLimitBytes', memoryLimitBytes) };
  return { circumstance: circumstanceOf(device, limits, intraOpThreads(threads, Math.min(cores, cpuQuotaCores ?? cores))), state, device };
}

/** Devices that were measured, each as it was the last time, with each number of threads; nothing else runs on them. */
export async function measuredPlaces(store: ProfileStore): Promise<readonly Place[]> {
  const samples = await store.samples({ kinds: ['probe', 'model', 'stage'] });
  const last = new Map<string, Sample>();
  for (const sample of samples) last.set(`${sample.circumstance.device} ${sample.circumstance.threads}`, sample);
  return [...last.values()]
    .map(({ circumstance }): Place => ({ circumstance: { ...circumstance, load: { cores: 0, duty: 0 } }, state: {} }))
    .toSorted((a, b) => a.circumstance.device.localeCompare(b.circumstance.device));
}
