import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { buildGraph } from '../../../partition/graph.ts';
import { type LayeredGraph, listLayers } from '../../../partition/layers.ts';
import { payloadLength } from '../../../partition/payload.ts';
import { pieceLayer } from '../../../partition/pieces/piece-layer.ts';
import { modelEnds } from '../../../partition/split.ts';
import { stageFiles, writeStageFiles } from '../../../partition/stage-files.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { build, floats, node, tensor, untyped } from '../support/build.ts';
import { difference, sampleInputs } from '../support/run-split.ts';
import { Runtime } from '../support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

async function checkPieces(folder: string, layered: LayeredGraph, layer: number, shares: readonly number[]): Promise<void> {
  const { model, parts } = pieceLayer(layered, { layer, shares });
  if (parts.length !== shares.length) throw new Error(`${parts.length} pieces`);
  const { inputs, outputs } = modelEnds(layered);
  const names = outputs.map(({ name }) => name);
  const feeds = sampleInputs(inputs);
  const [whole, divided] = await Promise.all(
    [layered.graph.model, model].map(async (each, i) =>
      runtime.run(await writeStageFiles(await stageFiles(each, undefined, `${i}.onnx`), folder), feeds, names),
    ),
  );
  const apart = difference(whole!, divided!);
  if (!(apart <= 1e-5)) throw new Error(`layer ${layer}: relative difference ${apart}`);
}

test.serial('pieces of random convolutions compute what the whole computes', async (t) => {
  const folder = await tempFolder(t);
  const channels = fc.integer({ min: 3, max: 9 });
  const shares = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(channels, shares, fc.boolean(), fc.boolean(), async (count, parts, bias, normalized) => {
      const vectors = ['a', 'b', 'c', 'd'].map((name) => floats(name, [count], (index) => 0.5 + index / 10));
      const layered = build(
        {
          nodes: [
            node('Conv', ['x', 'w', ...(bias ? ['bias'] : [])], ['y0'], { pads: [1, 1, 1, 1] }),
            ...(normalized ? [node('BatchNormalization', ['y0', 'a', 'b', 'c', 'd'], ['y1'])] : [node('Identity', ['y0'], ['y1'])]),
            node('Relu', ['y1'], ['y2']),
            node('Conv', ['y2', 'v'], ['y']),
          ],
          inputs: [tensor('x', [1, 2, 6, 5])],
          outputs: [untyped('y')],
          initializers: [floats('w', [count, 2, 3, 3]), floats('v', [2, count, 1, 1]), floats('bias', [count]), ...vectors],
        },
        { batch: 1 },
      );
      if (count < parts.reduce((sum, part) => sum + part, 0)) return;
      await checkPieces(folder, layered, 1, parts);
    }),
    { numRuns: 60 },
  );
  t.pass();
});

const alexnet = listLayers(buildGraph(zooModel('alexnet').build(1)));

test.serial('AlexNet: any convolution and any fully connected layer, evenly and unevenly', async (t) => {
  const folder = await tempFolder(t);
  for (const [layer, shares] of [
    [3, [1, 1, 1]],
    [7, [3, 1]],
    [10, [1, 2]],
    [11, [1, 1]],
  ] as const)
    await checkPieces(folder, alexnet, layer, shares);
  t.pass();
});

test('a piece has its part of the weights, and all pieces together have them once', (t) => {
  const { model } = pieceLayer(alexnet, { layer: 9, shares: [1, 2] });
  const sizes = [1, 2].map((piece) =>
    payloadLength(model.payloads.get(model.proto.graph!.initializer.find(({ name }) => name === `fc6.weight.piece${piece}`)!)!),
  );
  t.deepEqual(sizes, [1365 * 9216 * 4, 2731 * 9216 * 4]);
});

for (const [what, wish, code, message] of [
  ['a pooling layer', { layer: 2, shares: [1, 1] }, 'unsupported', /node "pool1" \(MaxPool\) can't be divided by output channels/],
  ['a layer that is not there', { layer: 12, shares: [1, 1] }, 'usage', /no layer 12: alexnet has layers 1 to 11/],
  ['more pieces than channels', { layer: 1, shares: new Array<number>(200).fill(1) }, 'usage', /64 channels, too few for these 200 pieces/],
] as const) {
  test(`${what} can't be divided, and the message says why`, (t) => {
    const error = t.throws(() => pieceLayer(alexnet, wish)) as Error & { code: string };
    t.is(error.code, code);
    t.regex(error.message, message);
  });
}
