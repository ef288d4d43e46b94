/** Gradients of whole models against finite differences in float64: the vibration models of the zoo, and LeNet-5. */
import test from 'ava';
import type { Loss } from '../../../partition/gradient/losses.ts';
import type { Model } from '../../../partition/model.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { tensor } from '../support/build.ts';
import { Runtime } from '../support/runtime.ts';
import { modelErrors } from './support/check-model.ts';

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const classified: Loss = { kind: 'cross-entropy', scores: 'logits' };
const rebuilt: Loss = { kind: 'squared-error', output: 'reconstruction', target: 'input', weight: 0.5 };
const sparse: Loss = { kind: 'sparsity', activations: 'code.sigmoid.out', mean: 0.05, weight: 0.01 };

const WINDOW = [1, 1024];

const models: Readonly<Record<string, readonly [readonly number[], readonly Loss[]]>> = {
  mlp1d: [WINDOW, [classified]],
  cnn1d: [WINDOW, [classified]],
  lenet1d: [WINDOW, [classified]],
  alexnet1d: [WINDOW, [classified]],
  // A shorter window: the convolutions slide over what there is, and the reference is slow.
  resnet1d: [[1, 256], [classified]],
  bilstm1d: [WINDOW, [classified]],
  ae1d: [WINDOW, [classified, rebuilt]],
  sae1d: [WINDOW, [classified, rebuilt, sparse]],
  lenet: [[1, 32, 32], [classified]],
};

for (const [name, [dims, losses]] of Object.entries(models)) {
  test.serial(`${name} has the gradients that finite differences have`, async (t) => {
    const errors = await modelErrors({ runtime, folder: await tempFolder(t) }, withExample(zooModel(name).build(1), dims), dims, losses);
    t.log(errors);
    // Float32 against float64: 2⁻²⁴ per operation. A hundredth of what one parameter contributes is far above that, and far below any mistake.
    t.true(errors.loss < 1e-4);
    t.true(errors.gradient < 0.01);
  });
}

function withExample(model: Model, dims: readonly number[]): Model {
  const graph = model.proto.graph!;
  return { ...model, proto: { ...model.proto, graph: { ...graph, input: [tensor('input', [1, ...dims])] } } };
}
