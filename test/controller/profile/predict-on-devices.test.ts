/** A model on several devices, and how that is told to a person. */
import test from 'ava';
import { type Place, predictOnDevices } from '../../../controller/profile/predict-on-devices.ts';
import { fitPredictor } from '../../../controller/profiler/predictor.ts';
import { kernelsOfSubjects } from '../../../controller/profiler/subject-kernels.ts';
import { Random } from '../../../mesh/random.ts';
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
