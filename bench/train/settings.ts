/** What is trained: the vibration models of the zoo, auto-encoders in two stages, and LeNet-5, each with both optimizers. */
import type { Loss } from '../../partition/gradient/losses.ts';
import type { Optimizer } from '../../partition/gradient/optimizer.ts';
import type { Setting } from './task.ts';

const BATCH = 64;
const classified: Loss = { kind: 'cross-entropy', scores: 'logits' };
const rebuilt: Loss = { kind: 'squared-error', output: 'reconstruction', target: 'input' };
const sparse: Loss = { kind: 'sparsity', activations: 'code.sigmoid.out', mean: 0.05, weight: 0.01 };

const models: readonly (readonly [title: string, model: string, losses: readonly Loss[]])[] = [
  ['mlp1d', 'mlp1d', [classified]],
  ['cnn1d', 'cnn1d', [classified]],
  ['lenet1d', 'lenet1d', [classified]],
  ['alexnet1d', 'alexnet1d', [classified]],
  ['resnet1d', 'resnet1d', [classified]],
  ['bilstm1d', 'bilstm1d', [classified]],
  ['ae1d, rebuilding', 'ae1d', [rebuilt]],
  ['ae1d, classifying', 'ae1d', [classified]],
  ['sae1d, rebuilding', 'sae1d', [rebuilt, sparse]],
  ['sae1d, classifying', 'sae1d', [classified]],
  ['lenet', 'lenet', [classified]],
];

const optimizers: readonly (readonly [optimizer: Optimizer, rate: number])[] = [
  [{ kind: 'adam' }, 0.001],
  // At 0.01 what differs in rounding grows to a tenth of the loss in 50 steps, also between PyTorch and itself.
  [{ kind: 'sgd', momentum: 0.9 }, 0.001],
];

export const settings: readonly (Setting & { readonly title: string })[] = optimizers.flatMap(([optimizer, rate]) =>
  models.map(([title, model, losses]) => ({ title: `${title}, ${optimizer.kind}`, model, batch: BATCH, losses, optimizer, rate })),
);
