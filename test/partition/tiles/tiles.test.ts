import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { buildGraph } from '../../../partition/graph.ts';
import { type LayeredGraph, listLayers } from '../../../partition/layers.ts';
import { modelEnds } from '../../../partition/split.ts';
import { stageFiles, writeStageFiles } from '../../../partition/stage-files.ts';
import { neededRows, type Rows, rowsByShare } from '../../../partition/tiles/rows.ts';
import { tileLayers } from '../../../partition/tiles/tile-layers.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import type { NodeProto, TensorProto } from '../../../proto/gen/onnx/onnx.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { build, floats, type ModelParts, node, tensor, untyped } from '../support/build.ts';
import { difference, sampleInputs } from '../support/run-split.ts';
import { Runtime } from '../support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

test('needed rows follow from kernel, stride, dilation and padding, and padding only from the borders', (t) => {
  const same = { kernel: 3, stride: 1, dilation: 1, padAbove: 1 };
  t.deepEqual(neededRows(same, { first: 0, last: 3 }, 10), { rows: { first: 0, last: 4 }, padAbove: 1, padBelow: 0 });
  t.deepEqual(neededRows(same, { first: 4, last: 6 }, 10), { rows: { first: 3, last: 7 }, padAbove: 0, padBelow: 0 });
  t.deepEqual(neededRows(same, { first: 7, last: 9 }, 10), { rows: { first: 6, last: 9 }, padAbove: 0, padBelow: 1 });
  const wide = { kernel: 3, stride: 2, dilation: 2, padAbove: 2 };
  t.deepEqual(neededRows(wide, { first: 1, last: 2 }, 9), { rows: { first: 0, last: 6 }, padAbove: 0, padBelow: 0 });
});

test('rows are shared out in order, without gaps, close to the shares', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 }),
      (height, shares) => {
        const rows = rowsByShare(height, shares);
        const given = rows.filter((each): each is Rows => each !== undefined);
        t.deepEqual(
          given.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
          Array.from({ length: height }, (_, i) => i),
        );
        const total = shares.reduce((sum, share) => sum + share, 0);
        for (const [i, each] of rows.entries()) {
          const count = each === undefined ? 0 : each.last - each.first + 1;
          t.true(Math.abs(count - (height * shares[i]!) / total) <= 1 + 1e-9);
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** What tiling must not change, and what it says about itself. */
async function checkTiles(folder: string, layered: LayeredGraph, last: number, shares: readonly number[]): Promise<void> {
  const { model, parts: tiles } = tileLayers(layered, { first: 1, last, shares });
  const tiled = listLayers(buildGraph(model), { batch: 1 });
  // No tile reads what another one makes.
  const ownerOf = new Map(tiles.flatMap((names, tile) => [...names].map((name): [string, number] => [name, tile])));
  for (const { proto } of tiled.graph.nodes) {
    const owner = ownerOf.get(proto.name!);
    for (const name of proto.input) {
      const source = ownerOf.get(tiled.graph.producers.get(name)?.proto.name ?? '');
      if (owner !== undefined && source !== undefined && source !== owner)
        throw new Error(`tile ${owner} reads "${name}" of tile ${source}`);
    }
  }
  for (const name of layered.graph.outputs) {
    const [before, after] = [layered, tiled].map(({ facts }) => JSON.stringify(facts.get(name)?.dims));
    if (before !== after) throw new Error(`"${name}" was ${before} and is ${after}`);
  }
  const { inputs, outputs } = modelEnds(layered);
  const feeds = sampleInputs(inputs);
  const names = outputs.map(({ name }) => name);
  const [whole, bands] = await Promise.all(
    [layered.graph.model, model].map(async (each, i) => {
      const path = await writeStageFiles(await stageFiles(each, undefined, `${i}.onnx`), folder);
      return runtime.run(path, feeds, names);
    }),
  );
  const apart = difference(whole!, bands!);
  if (!(apart <= 1e-5)) throw new Error(`relative difference ${apart}`);
}

const step = fc.record({
  op: fc.constantFrom('Conv', 'Conv', 'Conv', 'MaxPool', 'AveragePool', 'Relu', 'Add', 'Concat', 'BatchNormalization'),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 2 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  pads: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
  flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const CHANNELS = 2;

/** A stack of layers over an image of 2 channels; each join takes the image before it as well. */
function stack(steps: readonly Step[], height: number, width: number): ModelParts {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  let at = 'x';
  for (const [index, { op, kernel, stride, dilation, pads, flag }] of steps.entries()) {
    const out = `t${index}`;
    const fitting = pads.map((pad) => Math.min(pad, kernel - 1));
    const window = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: fitting };
    if (op === 'Conv') {
      const groups = flag ? CHANNELS : 1;
      initializers.push(floats(`${out}.w`, [CHANNELS, CHANNELS / groups, kernel, kernel]));
      nodes.push(node('Conv', [at, `${out}.w`], [out], { ...window, dilations: [dilation, dilation], group: groups }));
    } else if (op === 'MaxPool') nodes.push(node('MaxPool', [at], [out], { ...window, ceil_mode: flag ? 1 : 0 }));
    else if (op === 'AveragePool') nodes.push(node('AveragePool', [at], [out], { ...window, count_include_pad: flag ? 1 : 0 }));
    else if (op === 'Relu') nodes.push(node('Relu', [at], [out]));
    else if (op === 'Add') nodes.push(node('Sigmoid', [at], [`${out}.s`]), node('Add', [at, `${out}.s`], [out]));
    else if (op === 'Concat') {
      initializers.push(floats(`${out}.w`, [CHANNELS, 2 * CHANNELS, 1, 1]), floats(`${out}.v`, [CHANNELS, CHANNELS, 3, 3]));
      nodes.push(
        node('Conv', [at, `${out}.v`], [`${out}.b`], { pads: [1, 1, 1, 1] }),
        node('Concat', [at, `${out}.b`], [`${out}.c`], { axis: 1 }),
      );
      nodes.push(node('Conv', [`${out}.c`, `${out}.w`], [out]));
    } else {
      initializers.push(...['a', 'b', 'c', 'd'].map((part) => floats(`${out}.${part}`, [CHANNELS], () => 0.7)));
      nodes.push(node('BatchNormalization', [at, ...['a', 'b', 'c', 'd'].map((part) => `${out}.${part}`)], [out]));
    }
    at = out;
  }
  return { nodes, initializers, inputs: [tensor('x', [1, CHANNELS, height, width])], outputs: [untyped(at)] };
}

test.serial('tiles of random stacks of layers compute what the stack computes', async (t) => {
  const folder = await tempFolder(t);
  let tiledCount = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 12, max: 41 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }),
      async (steps, size, shares) => {
        const layered = build(stack(steps, size, 17), { batch: 1 });
        const dims = layered.facts.get(layered.graph.outputs[0]!)!.dims!;
        if (dims.some((each) => each < 1) || dims[2]! < shares.reduce((sum, share) => sum + share, 0)) return;
        tiledCount += 1;
        await checkTiles(folder, layered, layered.layers.length, shares);
      },
    ),
    { numRuns: 250 },
  );
  t.true(tiledCount > 80, `${tiledCount} models`);
});

for (const [name, last, shares] of [
  ['vgg16', 10, [1, 1, 1]],
  ['resnet18', 15, [3, 1]],
  ['squeezenet', 12, [1, 2, 1]],
  ['googlenet', 12, [1, 1]],
] as const) {
  test.serial(`${name}: layers 1 to ${last} in ${shares.length} tiles`, async (t) => {
    await checkTiles(await tempFolder(t), listLayers(buildGraph(zooModel(name).build(1))), last, shares);
    t.pass();
  });
}

const vgg = listLayers(buildGraph(zooModel('lenet').build(1)));
for (const [what, wish, code, message] of [
  ['a barrier', { first: 1, last: vgg.layers.length, shares: [1, 1] }, 'unsupported', /node ".*" \(.*\) of layer \d+ can't be tiled/],
  ['layers that are not there', { first: 0, last: 3, shares: [1, 1] }, 'usage', /no layers 0 to 3: lenet has layers 1 to/],
  [
    'more tiles than rows',
    { first: 1, last: 2, shares: new Array<number>(40).fill(1) },
    'usage',
    /has \d+ rows, too few for these 40 tiles/,
  ],
] as const) {
  test(`${what} can't be tiled, and the message says why`, (t) => {
    const error = t.throws(() => tileLayers(vgg, wish)) as Error & { code: string };
    t.is(error.code, code);
    t.regex(error.message, message);
  });
}
