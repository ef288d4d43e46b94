/** A whole training in ONNX Runtime, small: what it says, what it writes, and that a pause anywhere changes nothing. */
import { writeFile } from 'node:fs/promises';
import test from 'ava';
import type { BenchProcessReport } from '../../../../../agent/stage/bench/protocol.ts';
import { train } from '../../../../../agent/stage/bench/train/train.ts';
import { encodeTensorFile } from '../../../../../mesh/safetensors.ts';
import type { Tensor } from '../../../../../mesh/tensor.ts';
import { isState } from '../../../../../mesh/training-tensors.ts';
import { decodeTrainingFigures } from '../../../../../mesh/wire-training.ts';
import { tempFolder } from '../../../../helpers/temp-folder.ts';
import { epochsIn, lossesOf, small, TRAIN, tools, VALIDATION } from './small-training.ts';

async function whole(order: Parameters<typeof train>[0]): Promise<BenchProcessReport[]> {
  const said: BenchProcessReport[] = [];
  await train(order, tools(said));
  return said;
}

test('stage after stage, each epoch with its figures, and the losses fall', async (t) => {
  const { order, last, best } = await small(await tempFolder(t));
  const said = await whole(order);
  const epochs = epochsIn(said);
  t.deepEqual(
    epochs.map(({ stage, epoch, steps }) => [stage, epoch, steps]),
    [
      ['reconstruct', 1, 4],
      ['reconstruct', 2, 4],
      ['classify', 1, 4],
      ['classify', 2, 4],
      ['classify', 3, 4],
    ],
  );
  t.true(epochs[1]!.train.loss < epochs[0]!.train.loss && epochs[4]!.train.loss < epochs[2]!.train.loss);
  t.true(epochs[4]!.validation.loss < epochs[2]!.validation.loss);
  t.is(epochs[0]!.validation.accuracy, undefined);
  const shares = epochs.slice(2).map(({ validation }) => validation.accuracy! * VALIDATION);
  t.true(shares.every((right) => Number.isInteger(right) && right <= VALIDATION));
  const figures = said.flatMap((report) => (report.kind === 'training' ? [decodeTrainingFigures(report.figures)] : []));
  t.like(figures[0], { batch: 4, trainExamples: TRAIN, validationExamples: VALIDATION, resumedAt: 0 });
  t.is(figures.length, 2, 'once for each stage');

  const kept = await last();
  t.like(kept.progress, { stage: 1, epoch: 3, steps: 12, fingerprint: 'f' });
  t.deepEqual(lossesOf(kept.progress.epochs), lossesOf(epochs));
  t.true(kept.tensors.has('mean/fc2.weight') && kept.tensors.has('fc3.weight'), 'also what another stage trained');
  const chosen = await best();
  const accuracies = chosen.progress.epochs.map(({ validation }) => validation.accuracy ?? -1);
  t.is(chosen.progress.bestEpoch, chosen.progress.epochs.length - 1);
  t.is(Math.max(...accuracies), accuracies.at(-1)!);
  t.is(accuracies.indexOf(Math.max(...accuracies)), accuracies.length - 1, 'the first of equals');
  t.false([...chosen.tensors.keys()].some(isState));
});

test('killed after any epoch and resumed, it comes to the same numbers', async (t) => {
  const undisturbed = await small(await tempFolder(t));
  const expected = epochsIn(await whole(undisturbed.order));
  for (const after of [1, 2, 3, 4]) {
    const { order, resumed, last } = await small(await tempFolder(t));
    await t.throwsAsync(train(order, tools([], after)), { message: 'killed' });
    const said = await whole(resumed());
    t.deepEqual(lossesOf(epochsIn(said)), lossesOf(expected.slice(after)), `after ${after}`);
    const kept = await last();
    t.deepEqual(lossesOf(kept.progress.epochs), lossesOf(expected));
    const reference = (await undisturbed.last()).tensors;
    for (const [name, { data }] of kept.tensors) t.deepEqual(data, reference.get(name)!.data, name);
  }
});

test('the seed decides on the order of examples, and nothing else does', async (t) => {
  const run = async (seed: number) => lossesOf(epochsIn(await whole({ ...(await small(await tempFolder(t))).order, seed })));
  const first = await run(1);
  t.deepEqual(await run(1), first);
  t.notDeepEqual(await run(2), first);
});

test('a loss that is no number ends it, and says where', async (t) => {
  const { order } = await small(await tempFolder(t), { optimizer: { kind: 'sgd' }, learningRate: 1e30 });
  await t.throwsAsync(whole(order), {
    code: 'failed',
    message: /the loss is (NaN|Infinity) at step \d of epoch 1 of reconstruct: it diverges/,
  });
});

for (const [what, tensors, message] of [
  ['nothing', [], /has nothing for train/],
  ['windows without labels', [['train.windows', 'float32', [2, 8]]], /nothing for train/],
  [
    'fewer labels than windows',
    [
      ['train.windows', 'float32', [2, 8]],
      ['train.labels', 'int64', [1]],
    ],
    /float32\[2, 8\] and int64\[1\] for train/,
  ],
  [
    'no window',
    [
      ['train.windows', 'float32', [0, 8]],
      ['train.labels', 'int64', [0]],
    ],
    /float32\[0, 8\]/,
  ],
] as const) {
  test(`a data set is refused: ${what}`, async (t) => {
    const { order } = await small(await tempFolder(t));
    const named = new Map(
      tensors.map(([name, dtype, dims]) => {
        const bytes = dims.reduce<number>((product, dim) => product * dim, dtype === 'int64' ? 8 : 4);
        return [name, { dtype, dims, data: new Uint8Array(bytes) }];
      }),
    );
    await writeFile(order.dataPath, encodeTensorFile({ tensors: named, metadata: {} }));
    await t.throwsAsync(whole(order), { code: 'invalid', message });
  });
}

test('windows of another length than the model takes are refused, and so are too few of them', async (t) => {
  for (const [count, window, message] of [
    [8, 7, /windows of 7 samples, and a model that takes 1 × 8/],
    [3, 8, /3 examples to train with are fewer than one batch of 4/],
  ] as const) {
    const { order } = await small(await tempFolder(t));
    const tensors = new Map<string, Tensor>(
      ['train', 'validation'].flatMap((split): [string, Tensor][] => [
        [`${split}.windows`, { dtype: 'float32', dims: [count, window], data: new Uint8Array(4 * count * window) }],
        [`${split}.labels`, { dtype: 'int64', dims: [count], data: new Uint8Array(8 * count) }],
      ]),
    );
    await writeFile(order.dataPath, encodeTensorFile({ tensors, metadata: {} }));
    await t.throwsAsync(whole(order), { code: 'invalid', message });
  }
});

/** Real sessions, of whose runs it is kept what went in and what came out. */
function watchedTools(said: BenchProcessReport[]) {
  const runs: { readonly step: boolean; readonly feeds: Feeds; readonly made: Feeds }[] = [];
  const examples: number[] = [];
  const plain = tools(said);
  const open: typeof plain.open = async (path, settings) => {
    const session = await plain.open(path, settings);
    const run = session.run.bind(session) as unknown as (feeds: Feeds, fetches: never) => Promise<Feeds>;
    session.run = (async (feeds: Feeds, fetches: never) => {
      // Its buffers are written over.
      const kept = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, { data: data.slice() }]));
      const made = await run(feeds, fetches);
      runs.push({ step: path.includes('step'), feeds: kept, made });
      return made;
    }) as never;
    return session;
  };
  const augment: typeof plain.augment = (from, to) => {
    examples.push(from[0]!);
    to.set(from);
  };
  return { runs, examples, tools: { ...plain, open, augment } };
}
type Feeds = Record<string, { readonly data: Float32Array | BigInt64Array }>;

test('steps are counted over the epochs of a stage, each epoch has an order of its own, the optimizer forgets between stages', async (t) => {
  const { order } = await small(await tempFolder(t));
  const { runs, examples, tools: watching } = watchedTools([]);
  await train(order, watching);
  const steps = runs.filter(({ step }) => step);
  t.deepEqual(
    steps.map(({ feeds }) => feeds.step!.data[0]),
    [...Array.from({ length: 8 }, (_, index) => index + 1), ...Array.from({ length: 12 }, (_, index) => index + 1)],
  );
  const epochs = Array.from({ length: 5 }, (_, epoch) => examples.slice(16 * epoch, 16 * (epoch + 1)).join());
  t.is(new Set(epochs).size, 5);
  const sums = steps.map(({ feeds }) => Math.max(...(feeds['square/fc1.weight']!.data as Float32Array)));
  t.deepEqual(
    sums.flatMap((sum, index) => (sum === 0 ? [index] : [])),
    [0, 8],
  );
});

test('the validation loss is the mean over its examples, however they lie in batches', async (t) => {
  const said: BenchProcessReport[] = [];
  const { order } = await small(await tempFolder(t));
  const { runs, tools: watching } = watchedTools(said);
  await train(order, watching);
  // Six examples, labelled 0 and 1 in turns, in batches of four.
  const scores = runs
    .filter(({ step }) => !step)
    .slice(-2)
    .flatMap(({ made }) => [...(made.logits!.data as Float32Array)])
    .slice(0, 12);
  const losses = Array.from({ length: VALIDATION }, (_, example) => {
    const [zero, one] = [scores[2 * example]!, scores[2 * example + 1]!];
    return Math.log(Math.exp(zero) + Math.exp(one)) - (example % 2 === 0 ? zero : one);
  });
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / VALIDATION;
  t.true(Math.abs(epochsIn(said).at(-1)!.validation.loss - mean) < 1e-6);
});
