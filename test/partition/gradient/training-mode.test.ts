/** What operators do while a model is trained: gradients through batch statistics and recurrence, running statistics, masks. */
import test from 'ava';
import fc from 'fast-check';
import { gradient } from '../../../partition/gradient/gradient.ts';
import { trainingMode } from '../../../partition/gradient/training-mode.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { readModel } from '../../../partition/read-model.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { floats, type ModelParts, modelBytes, node, tensor } from '../support/build.ts';
import { Runtime } from '../support/runtime.ts';
import { carrierOf } from './support/carry-out.ts';
import { trainingCases } from './support/cases/training.ts';
import { gradientError, tolerances } from './support/check-operator.ts';
import { spreadOut } from './support/numbers.ts';
import { filled } from './support/reference/tensor64.ts';

const CASES = 8;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

for (const [operator, { cases, float64 }] of Object.entries(trainingCases)) {
  test(`${operator} in training has the gradient that finite differences have`, async (t) => {
    const carrier = { runtime, folder: await tempFolder(t) };
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async (of, seed) => {
        for (const kind of float64 ? (['float32', 'float64'] as const) : (['float32'] as const)) {
          const error = await gradientError(carrier, of(kind), seed, kind);
          if (!(error <= tolerances[kind])) throw new Error(`${kind}: relative error ${error}`);
        }
      }),
      { numRuns: CASES },
    );
    t.pass();
  });
}

const graphOf = (parts: ModelParts) => buildGraph(readModel(modelBytes(parts), 'test'));

for (const length of [3, 20]) {
  test(`running statistics of ${length} places move towards those of the batch`, async (t) => {
    const graph = graphOf({
      nodes: [node('BatchNormalization', ['x', 'gamma', 'beta', 'mean', 'var'], ['y'], { momentum: { float: 0.75 } })],
      inputs: [tensor('x', [4, 2, length])],
      outputs: [tensor('y', [4, 2, length])],
      initializers: [...['gamma', 'beta', 'mean'].map((name) => floats(name, [2])), floats('var', [2], () => 2)],
    });
    const { model, statistics } = trainingMode(graph);
    t.deepEqual(statistics, ['mean', 'var']);
    const x = spreadOut([4, 2, length], 1);
    const made = await (await carrierOf({ runtime, folder: await tempFolder(t) }, model))({ x }, ['new/mean', 'new/var', 'y']);
    const before = [-0.4, 7 / 11 - 0.4];
    for (const channel of [0, 1]) {
      const seen = x.data.filter((_, index) => Math.floor(index / length) % 2 === channel);
      const mean = seen.reduce((sum, value) => sum + value, 0) / (4 * length);
      const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (4 * length);
      t.true(Math.abs(made['new/mean']!.data[channel]! - (0.75 * before[channel]! + 0.25 * mean)) < 1e-6);
      t.true(Math.abs(made['new/var']!.data[channel]! - (0.75 * 2 + 0.25 * variance)) < 1e-6);
    }
  });
}

test('a normalization over one number is refused', (t) => {
  const norm = {
    initializers: ['a', 'b', 'c', 'd'].map((name) => floats(name, [2])),
    inputs: [tensor('x', [1, 2])],
    outputs: [tensor('y', [1, 2])],
  };
  const one = graphOf({ ...norm, nodes: [node('BatchNormalization', ['x', 'a', 'b', 'c', 'd'], ['y'], { name: 'bn' })] });
  t.throws(() => trainingMode(one), { code: 'invalid', message: /"bn" normalizes each channel over one number/ });
});

test('Dropout keeps what its seed says, as many as its ratio says, and lets gradients through there only', async (t) => {
  const SIZE = 20_000;
  const RATIO = 0.25;
  const graph = graphOf({
    nodes: [
      node('Dropout', ['x', 'ratio'], ['a']),
      node('Dropout', ['a', 'none'], ['b']),
      node('Dropout', ['x', 'ratio'], ['c']),
      node('Mul', ['x', 'b'], ['y']),
      node('ReduceSum', ['y'], ['loss'], { keepdims: 0 }),
    ],
    inputs: [tensor('x', [SIZE])],
    outputs: [tensor('b', [SIZE]), tensor('c', [SIZE]), tensor('loss', [])],
    initializers: [floats('ratio', [], () => RATIO), floats('none', [], () => 0)],
  });
  const run = await carrierOf({ runtime, folder: await tempFolder(t) }, gradient(buildGraph(trainingMode(graph).model), 'loss', ['x']));
  const masks = async (seed: number) => {
    const feeds = { x: filled([SIZE], () => 1), seed: { dims: [], data: Float64Array.of(seed), dtype: 'int64' as const } };
    const { b, c, 'grad/x': slope } = await run(feeds, ['b', 'c', 'grad/x']);
    // y = x · mask · x: at 1 its slope is twice the mask.
    t.deepEqual(
      slope!.data,
      b!.data.map((value) => 2 * value),
    );
    return [b!.data, c!.data] as const;
  };
  const [first, other] = await masks(7);
  const [next] = await masks(8);
  const [far] = await masks(1_000_000_000_007);
  t.deepEqual((await masks(7))[0], first);
  t.deepEqual([...new Set(first)].sort(), [0, Math.fround(1 / (1 - RATIO))]);
  const dropped = (mask: Float64Array) => mask.map((value) => (value === 0 ? 1 : 0));
  const share = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / SIZE;
  // Five standard deviations of a share of 20,000 independent draws.
  const isNear = (found: number, expected: number) => Math.abs(found - expected) < 5 * Math.sqrt((expected * (1 - expected)) / SIZE);
  for (const mask of [first, other, next, far]) t.true(isNear(share(dropped(mask)), RATIO));
  // Independent: of other seeds, of other nodes, of its neighbours.
  const together = (a: Float64Array, b: Float64Array) => share(a.map((value, index) => (value === 0 && b[index] === 0 ? 1 : 0)));
  for (const mask of [other, next, far]) t.true(isNear(together(first, mask), RATIO ** 2));
  for (const shift of [1, 2, 64]) {
    const [a, b] = [dropped(first), dropped(first)];
    t.true(isNear(share(a.map((value, index) => value * b[(index + shift) % SIZE]!)), RATIO ** 2));
  }
});
