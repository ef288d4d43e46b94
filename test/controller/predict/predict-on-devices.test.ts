/** A model on several devices, and how that is told to a person. */
import test from 'ava';
import { measuredPlaces, type Place, placeOfDevice, predictOnDevices } from '../../../controller/predict/predict-on-devices.ts';
import { fitPredictor } from '../../../controller/profiler/predictor.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { ProfileStore } from '../../../controller/store/profile-store.ts';
import type { Device } from '../../../mesh/device.ts';
import { Random } from '../../../mesh/random.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { askOf, circumstanceOn, fast, half, measure, slow, trueModels } from '../profiler/made-world.ts';

const random = new Random(8);
const samples = measure(trueModels(6, random), [slow, fast, half], { random });
const predictor = fitPredictor(samples, kernelsOfSubjects(samples), { seed: 1 });
const [model] = trueModels(1, random);
const { subject } = askOf(model!, fast);
const places: Place[] = [slow, half, fast].map((device) => ({ circumstance: circumstanceOn(device), state: {} }));

test('devices are told fastest first, each as it is predicted alone', (t) => {
  const told = predictOnDevices(predictor, subject, model!.kernels, places);
  t.deepEqual(
    told.map(({ place }) => place.circumstance.device),
    ['nuc', 'half', 'pi'],
  );
  for (const { place, prediction } of told) t.deepEqual(prediction, predictor.predict({ subject, ...place, kernels: model!.kernels }));
});

test('nothing is told where nothing can be said, nor without devices', (t) => {
  t.deepEqual(predictOnDevices(predictor, subject, undefined, places), []);
  t.deepEqual(predictOnDevices(predictor, subject, model!.kernels, []), []);
});

test('a device of the mesh is where it would be measured: its limits, and as many threads as it takes by itself', (t) => {
  const device: Device = {
    ...{ name: 'q', address: 'q:1', arch: 'x64', os: 'linux', cores: 4, cpuModel: 'cpu', memoryBytes: 8e9, diskBytes: 1e9 },
    ...{ cpuQuotaCores: 0.5, memoryLimitBytes: 1e9, nodeVersion: '24', runtimeVersion: '1.30.0' },
  };
  const state = { cpuBusyPercent: 10 };
  t.deepEqual(placeOfDevice(device, 0, state), {
    circumstance: {
      ...{ device: 'q', deviceKey: 'x64, cpu, 4 cores, quota 0.5, memory 1000000000, runtime 1.30.0', runtimeVersion: '1.30.0' },
      ...{ threads: 1, cores: 4, quotaCores: 0.5, memoryBytes: 1e9 },
    },
    state,
    device,
  });
  t.is(placeOfDevice(device, 3, state).circumstance.threads, 3);
});

test('devices that were measured are told as they were the last time, once for each number of threads, with nothing beside', async (t) => {
  await using store = await ProfileStore.open(await tempFolder(t));
  const [one] = samples;
  const two = { ...one!, circumstance: { ...one!.circumstance, threads: 2, load: { cores: 1, duty: 1 } } };
  const later = { ...one!, run: 'later', atMs: one!.atMs + 1000, circumstance: { ...one!.circumstance, quotaCores: 0.5 } };
  const codec = { ...one!, subject: { ...one!.subject, kind: 'codec' as const }, circumstance: { ...one!.circumstance, device: 'codec' } };
  await store.add([one!, two, later, codec]);
  const found = await measuredPlaces(store);
  t.deepEqual(
    found
      .map(({ circumstance: { device, threads, quotaCores, load } }) => ({ device, threads, quotaCores, load }))
      .sort((a, b) => a.threads - b.threads),
    [
      { device: 'pi', threads: 1, quotaCores: 0.5, load: { cores: 0, duty: 0 } },
      { device: 'pi', threads: 2, quotaCores: undefined, load: { cores: 0, duty: 0 } },
    ],
  );
});
