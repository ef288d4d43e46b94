/** Gradients of whole models against finite differences in float64: the vibration models of the zoo, and LeNet-5. */
import test from 'ava';
import type { Loss } from '../../../partition/gradient/losses.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { Runtime } from '../support/runtime.ts';
import { modelErrors } from './support/check-model.ts';

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const classified: Loss = { kind: 'cross-entropy', scores: 'logits' };
const rebuilt: Loss = { kind: 'squared-error', output: 'reconstruction', target: 'input', weight: 0.5 };
const sparse: Loss = { kind: 'sparsity', activations: 'code.sigmoid.out', mean: 0.05, weight: 0.01 };

const models: Readonly<Record<string, readonly Loss[]>> = {
  mlp1d: [classified],
  cnn1d: [classified],
  lenet1d: [classified],
  alexnet1d: [classified],
  resnet1d: [classified],
  bilstm1d: [classified],
  ae1d: [classified, rebuilt],
  sae1d: [classified, rebuilt, sparse],
  lenet: [classified],
};

for (const [name, losses] of Object.entries(models)) {
  test.serial(`${name} has the gradients that finite differences have`, async (t) => {
    const started = performance.now();
    const errors = await modelErrors({ runtime, folder: await tempFolder(t) }, zooModel(name).build(1), losses);
    t.log(errors, `${Math.round(performance.now() - started)} ms`);
    t.true(errors.loss < 1e-4);
    t.true(errors.gradient < 0.01);
  });
}
