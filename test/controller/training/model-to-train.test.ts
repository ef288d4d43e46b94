/** Which models can be trained, in which stages, and what is said of the others before anything runs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { modelToTrain } from '../../../controller/training/model-to-train.ts';
import { streamWritten, writeModel } from '../../../partition/write-model.ts';
import { vibrationModels, zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const choice = (model: string) => ({ model, seed: 0, epochs: 5, middleEpochs: 3, sparsity: 0.2 });
const classes = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);

for (const name of vibrationModels) {
  test(`${name} tells as many classes apart as there are`, (t) => {
    const { stages, window, model } = modelToTrain(choice(name), classes(13));
    t.is(window, 1024);
    const last = stages.at(-1)!;
    t.like(last, { name: 'classify', goal: 'classify', epochs: 5 });
    const output = model.proto.graph!.output.find((each) => each.name === last.output)!;
    const { type } = output;
    t.is(type?.value?.$case === 'tensorType' ? type.value.value.shape!.dim[1]!.value!.value : undefined, 13n);
    t.is(stages.length, name.endsWith('ae1d') ? 2 : 1);
  });
}

test('an auto-encoder reconstructs first, the sparse one with few units active; without middle epochs it classifies at once', (t) => {
  const [first] = modelToTrain(choice('ae1d'), classes(10)).stages;
  t.deepEqual(first, {
    ...{ name: 'reconstruct', goal: 'reconstruct', output: 'reconstruction', epochs: 3 },
    losses: [{ kind: 'squared-error', output: 'reconstruction', target: 'input' }],
  });
  const [sparse] = modelToTrain(choice('sae1d'), classes(10)).stages;
  t.deepEqual(sparse!.losses[1], { kind: 'sparsity', activations: 'code.sigmoid.out', mean: 0.2, weight: 0.01 });
  t.deepEqual(
    modelToTrain({ ...choice('ae1d'), middleEpochs: 0 }, classes(10)).stages.map(({ name }) => name),
    ['classify'],
  );
});

test('the seed decides on the weights, and the default one on those of the zoo', (t) => {
  const weights = (seed: number) => JSON.stringify([...modelToTrain({ ...choice('lenet1d'), seed }, classes(10)).model.payloads.values()]);
  t.is(weights(0), JSON.stringify([...zooModel('lenet1d').build(1).payloads.values()]));
  t.not(weights(1), weights(0));
});

test('a classifier of images takes windows as long as its images are large', (t) => {
  t.is(modelToTrain(choice('lenet'), classes(10)).window, 32 * 32);
});

test('a file is trained as it is', async (t) => {
  const path = join(await tempFolder(t), 'mine.onnx');
  await writeFile(path, streamWritten(writeModel(zooModel('lenet1d').build(7, 4))));
  const { name, stages } = modelToTrain(choice(path), classes(3));
  t.is(name, path);
  t.is(stages.length, 1);
  t.throws(() => modelToTrain(choice(path), classes(5)), { code: 'invalid', message: /tells 4 classes apart, the data set has 5/ });
});

for (const [model, code, message] of [
  ['gpt-tiny', 'unsupported', /gpt-tiny can't be trained as a classifier: its inputs are int64/],
  ['unet', 'unsupported', /unet can't be trained as a classifier/],
  ['cnn2d', 'not-found', /there is no model "cnn2d"/],
  ['nothing.onnx', 'not-found', /nothing\.onnx/],
] as const) {
  test(`${model} is refused`, (t) => {
    t.throws(() => modelToTrain(choice(model), classes(10)), { code, message });
  });
}
