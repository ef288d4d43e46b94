/** A whole step of training as one graph: it learns, and its optimizers do what their papers say. */
import test from 'ava';
import { CORRECT, LABELS, LEARNING_RATE, LOSS, STEP, TARGET, updatedName } from '../../../mesh/training-tensors.ts';
import type { Loss } from '../../../partition/gradient/losses.ts';
import type { Optimizer } from '../../../partition/gradient/optimizer.ts';
import { type TrainingStep, trainingStep } from '../../../partition/gradient/training-step.ts';
import { buildGraph } from '../../../partition/graph.ts';
import type { Model } from '../../../partition/model.ts';
import { readModel } from '../../../partition/read-model.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { floats, modelBytes, node, tensor } from '../support/build.ts';
import { Runtime } from '../support/runtime.ts';
import { type Carrier, carrierOf, type Feed64 } from './support/carry-out.ts';
import { exampleBatch } from './support/check-model.ts';
import { computer64 } from './support/reference/compute64.ts';
import { filled, type Tensor64 } from './support/reference/tensor64.ts';

const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const classified: readonly Loss[] = [{ kind: 'cross-entropy', scores: 'logits' }];
const BATCH = 4;

interface Trained {
  readonly losses: readonly number[];
  readonly correct: number | undefined;
  readonly state: Readonly<Record<string, Tensor64>>;
}

/** Steps on one batch, outputs fed back as inputs. */
async function train(
  carrier: Carrier,
  model: Model,
  step: TrainingStep,
  batch: Readonly<Record<string, Feed64>>,
  rate: number,
  count: number,
): Promise<Trained> {
  const run = await carrierOf(carrier, step.model, true);
  const constants = computer64({ ...buildGraph(model), nodes: [] })({});
  const learned = [...step.parameters, ...step.statistics].map(({ name }) => [name, constants.get(name)!] as const);
  let state = Object.fromEntries([...learned, ...step.states.map(({ name, dims }) => [name, filled(dims)] as const)]);
  const losses: number[] = [];
  let correct: number | undefined;
  for (let number = 1; number <= count; number += 1) {
    const scalars = { [LEARNING_RATE]: filled([], () => rate), [STEP]: filled([], () => number) };
    const given = Object.entries({ ...batch, ...scalars, ...state }).filter(
      ([name]) => name in state || step.inputs.some((each) => each.name === name),
    );
    const names = Object.keys(state);
    const results = step.results.map(({ name }) => name);
    const made = await run(Object.fromEntries(given), [...results, ...names.map(updatedName)]);
    losses.push(made[LOSS]!.data[0]!);
    correct = made[CORRECT]?.data[0];
    state = Object.fromEntries(names.map((name) => [name, made[updatedName(name)]!]));
  }
  return { losses, correct, state };
}

const sgd = { kind: 'sgd', momentum: 0.9 } as const;
const adam = { kind: 'adam' } as const;
const rebuilt: Loss = { kind: 'squared-error', output: 'reconstruction', target: 'input' };
const sparse: Loss = { kind: 'sparsity', activations: 'code.sigmoid.out', mean: 0.05, weight: 0.01 };

const learners: Readonly<Record<string, readonly [Optimizer, number, readonly Loss[]]>> = {
  lenet: [sgd, 0.1, classified],
  lenet1d: [sgd, 0.02, classified],
  cnn1d: [{ kind: 'sgd' }, 0.005, classified],
  mlp1d: [adam, 0.001, classified],
  alexnet1d: [adam, 0.0003, classified],
  resnet1d: [adam, 0.001, classified],
  bilstm1d: [adam, 0.001, classified],
  ae1d: [{ ...adam, weightDecay: 1e-4 }, 0.001, [rebuilt]],
  sae1d: [adam, 0.001, [...classified, rebuilt, sparse]],
};

async function trained(carrier: Carrier, name: string, count: number): Promise<Trained> {
  const [optimizer, rate, losses] = learners[name]!;
  const model = zooModel(name).build(1);
  const step = trainingStep(model, { batch: BATCH, losses, optimizer });
  const batch = exampleBatch('input', BATCH, name === 'lenet' ? [1, 32, 32] : [1, 1024]);
  return await train(carrier, model, step, batch, rate, count);
}

for (const name of Object.keys(learners)) {
  test.serial(`a step makes the loss of ${name} smaller`, async (t) => {
    const { losses } = await trained({ runtime, folder: await tempFolder(t) }, name, 2);
    t.true(losses[1]! < losses[0]!, `${losses}`);
  });
}

test('lenet learns a batch by heart', async (t) => {
  const { losses, correct } = await trained({ runtime, folder: await tempFolder(t) }, 'lenet', 8);
  t.is(correct, BATCH);
  t.true(losses.at(-1)! < 0.2 * losses[0]!, `${losses}`);
});

test('only what the loss depends on is trained and computed', (t) => {
  const step = trainingStep(zooModel('ae1d').build(1), { batch: 2, losses: classified, optimizer: { kind: 'sgd' } });
  const names = [...step.parameters, ...step.statistics].map(({ name }) => name);
  t.false(names.some((name) => name.startsWith('decoder')));
  t.true(names.includes('encoder1.bn.running_var'));
  t.false(step.model.proto.graph!.node.some((each) => each.name?.startsWith('decoder')));
  t.deepEqual(
    step.inputs.map(({ name, dtype, dims }) => [name, dtype, dims]),
    [
      ['input', 'float32', [2, 1, 1024]],
      [LABELS, 'int64', [2]],
      [LEARNING_RATE, 'float32', []],
    ],
  );
  t.deepEqual(
    step.results.map(({ name }) => name),
    [CORRECT, LOSS],
  );
});

test('scores behind a softmax are taken from before it', (t) => {
  const logits = floats('w', [3, 4]);
  const model = readModel(
    modelBytes({
      nodes: [node('MatMul', ['x', 'w'], ['scores']), node('Softmax', ['scores'], ['shares'], { axis: 1, name: 'softmax' })],
      inputs: [tensor('x', ['N', 3])],
      outputs: [tensor('shares', ['N', 4])],
      initializers: [logits],
    }),
    'test',
  );
  const step = trainingStep(model, { batch: 2, losses: [{ kind: 'cross-entropy', scores: 'shares' }], optimizer: { kind: 'sgd' } });
  t.false(step.model.proto.graph!.node.some(({ opType }) => opType === 'Softmax'));
});

/** loss = mean (w · x − target)², of which the slope is known: optimizers are followed by hand. */
const line = readModel(
  modelBytes({
    nodes: [node('Mul', ['x', 'w'], ['y'])],
    inputs: [tensor('x', [1, 2])],
    outputs: [tensor('y', [1, 2])],
    initializers: [floats('w', [1, 2], (index) => index + 1)],
  }),
  'line',
);

const DECAY = 0.1;
const RATE = 0.05;

/** Of weights and slopes the new weights; keeps what it remembers. */
function byHand(optimizer: Optimizer): (w: readonly number[], slope: readonly number[], step: number) => number[] {
  const [first, second] = [
    [0, 0],
    [0, 0],
  ];
  return (w, slope, step) =>
    w.map((weight, at) => {
      const g = slope[at]! + DECAY * weight;
      if (optimizer.kind === 'sgd') {
        first[at] = (optimizer.momentum ?? 0) * first[at]! + g;
        return weight - RATE * first[at]!;
      }
      first[at] = 0.9 * first[at]! + 0.1 * g;
      second[at] = 0.999 * second[at]! + 0.001 * g * g;
      return weight - (RATE * (first[at]! / (1 - 0.9 ** step))) / (Math.sqrt(second[at]! / (1 - 0.999 ** step)) + 1e-8);
    });
}

const optimizers: readonly Optimizer[] = [{ kind: 'sgd' }, { kind: 'sgd', momentum: 0.8 }, { kind: 'adam' }];
for (const plain of optimizers) {
  test(`${JSON.stringify(plain)} steps as by hand`, async (t) => {
    const optimizer = { ...plain, weightDecay: DECAY };
    const step = trainingStep(line, { batch: 1, losses: [{ kind: 'squared-error', output: 'y' }], optimizer });
    const [x, target] = [
      [1, -2],
      [0.5, 0.25],
    ];
    const batch = { x: filled([1, 2], (index) => x[index]!), [TARGET]: filled([1, 2], (index) => target[index]!) };
    const trained = await train({ runtime, folder: await tempFolder(t) }, line, step, batch, RATE, 4);
    const change = byHand(optimizer);
    let w = [1, 2];
    for (let number = 1; number <= 4; number += 1) {
      w = change(
        w,
        w.map((weight, at) => (weight * x[at]! - target[at]!) * x[at]!),
        number,
      );
    }
    for (const [at, weight] of w.entries()) t.true(Math.abs(weight - trained.state.w!.data[at]!) < 1e-5);
  });
}

test('the first step of Adam is as long as the rate says, to the last digits: what its means lack is not computed in float32', async (t) => {
  const step = trainingStep(line, { batch: 1, losses: [{ kind: 'squared-error', output: 'y' }], optimizer: { kind: 'adam' } });
  const batch = { x: filled([1, 2], () => 1), [TARGET]: filled([1, 2], () => 0) };
  const rate = 1000;
  const { state } = await train({ runtime, folder: await tempFolder(t) }, line, step, batch, rate, 1);
  for (const [at, weight] of [1, 2].entries()) t.true(Math.abs(weight - rate - state.w!.data[at]!) < 1e-3);
});
