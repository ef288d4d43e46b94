import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';
import { splitParallel } from '../../../partition/parallel/split-parallel.ts';
import { payloadLength } from '../../../partition/payload.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { OwnScope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { build, floats, node, tensor, untyped } from '../support/build.ts';
import { carryOutWhole, checkDivided, checkParallel, type Whole } from '../support/check-parallel.ts';
import { Runtime } from '../support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
const scope = new OwnScope();
test.after.always(async () => {
  await runtime[Symbol.asyncDispose]();
  await scope.end();
});

const wholes = new Map<string, Promise<Whole>>();
/** A model of the zoo, built and carried out once for all tests that divide it. */
function zooWhole(name: string): Promise<Whole> {
  const made = async () => carryOutWhole(runtime, await tempFolder(scope), listLayers(buildGraph(zooModel(name).build(1)), { batch: 1 }));
  const whole = wholes.get(name) ?? made();
  wholes.set(name, whole);
  return whole;
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
      await checkParallel(runtime, folder, layered, { kind: 'pieces', first: 1, last: 1, shares: [parts] });
      await checkParallel(runtime, folder, layered, { kind: 'inputs', first: 1, last: 2, shares: [parts] });
    }),
    { numRuns: 60 },
  );
  t.pass();
});

for (const [name, how] of [
  ['alexnet', 'pieces:layer3x3'],
  ['alexnet', 'pieces:layer7x3:1'],
  ['alexnet', 'pieces:layer10x1:2'],
  ['alexnet', 'pieces:layer11x2'],
  ['alexnet', 'inputs:layer3x3'],
  ['alexnet', 'inputs:layer9x2:1'],
  // Two layers, the first by its outputs and the second by its inputs: one exchange for both.
  ['alexnet', 'inputs:9-10x3'],
  ['alexnet', 'inputs:5-6x2'],
  // Convolutions in groups and depthwise ones.
  ['mobilenetv2', 'pieces:layer2x3'],
  ['mobilenetv2', 'inputs:4-6x2'],
  ['resnet1d', 'pieces:layer3x2'],
] as const) {
  test.serial(`${name}@${how}`, async (t) => {
    const { work } = await checkDivided(runtime, await zooWhole(name), how);
    t.is(Math.round(work! * 1e9) / 1e9, 1, 'nothing is computed twice');
  });
}

for (const name of ['vit-tiny', 'gpt-tiny']) {
  test.serial(`${name}: the heads of an attention, and the two products behind it`, async (t) => {
    const whole = await zooWhole(name);
    const { layered } = whole;
    const numberOf = (node: string): number => layered.layers.find((layer) => layer.name === node)!.number;
    const block = layered.layers.find((layer) => layer.name.endsWith('.attn.qkv'))!.name.replace('.attn.qkv', '');
    for (const how of [
      `heads:${numberOf(`${block}.attn.qkv`)}-${numberOf(`${block}.attn.proj`)}x3`,
      `heads:${numberOf(`${block}.attn.qkv`)}-${numberOf(`${block}.attn.proj`)}x2:1`,
      `inputs:${numberOf(`${block}.mlp.fc1`)}-${numberOf(`${block}.mlp.fc2`)}x3`,
      `pieces:layer${numberOf(`${block}.mlp.fc1`)}x2`,
    ]) {
      const { work } = await checkDivided(runtime, whole, how);
      t.is(Math.round(work! * 1e9) / 1e9, 1, how);
    }
    const error = t.throws(() =>
      splitParallel(layered, parseParallel(`heads:${numberOf(`${block}.mlp.fc1`)}-${numberOf(`${block}.mlp.fc2`)}x3`)!),
    );
    t.regex((error as Error).message, /come in no heads/);
  });
}

const alexnet = listLayers(buildGraph(zooModel('alexnet').build(1)));

test('a piece has its part of the weights, and all pieces together have them once', (t) => {
  for (const [how, sizes] of [
    ['pieces:layer9x1:2', [1365 * 9216 * 4, 2731 * 9216 * 4]],
    ['inputs:layer9x1:2', [4096 * 3072 * 4, 4096 * 6144 * 4]],
  ] as const) {
    const { split } = splitParallel(alexnet, parseParallel(how)!);
    const stored = split.stages
      .filter(({ id }) => id.startsWith('piece'))
      .map(({ model }) => model.proto.graph!.initializer.find(({ name }) => name.startsWith('fc6.weight'))!)
      .map((tensor, piece) => payloadLength(split.stages.filter(({ id }) => id.startsWith('piece'))[piece]!.model.payloads.get(tensor)!));
    t.deepEqual(stored, [...sizes]);
  }
});

for (const [what, how, code, message] of [
  ['a pooling layer', 'pieces:layer2x2', 'unsupported', /node "pool1" \(MaxPool\) can't be divided by output channels/],
  ['a pooling layer', 'inputs:layer2x2', 'unsupported', /node "pool1" \(MaxPool\) can't be divided by input channels/],
  ['a layer that is not there', 'pieces:layer12x2', 'usage', /no layer 12: alexnet has layers 1 to 11/],
  ['more pieces than channels', 'pieces:layer1x200', 'usage', /64 channels, too few for these 200 pieces/],
  ['more pieces than inputs', 'inputs:layer1x4', 'usage', /3 input channels, too few for these 4 pieces/],
] as const) {
  test(`${how}: ${what} can't be divided, and the message says why`, (t) => {
    const error = t.throws(() => splitParallel(alexnet, parseParallel(how)!)) as Error & { code: string };
    t.is(error.code, code);
    t.regex(error.message, message);
  });
}
