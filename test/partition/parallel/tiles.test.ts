import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';
import { splitParallel } from '../../../partition/parallel/split-parallel.ts';
import { neededBy } from '../../../partition/parallel/window-view.ts';
import type { Split } from '../../../partition/split.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import type { NodeProto, TensorProto } from '../../../proto/gen/onnx/onnx.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { build, floats, type ModelParts, node, tensor, untyped } from '../support/build.ts';
import { checkParallel } from '../support/check-parallel.ts';
import { Runtime } from '../support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

test('needed rows follow from kernel, stride, dilation and padding, and padding only from the borders', (t) => {
  const same = { kernel: 3, stride: 1, dilation: 1, padBefore: 1 };
  t.deepEqual(neededBy(same, { first: 0, last: 3 }, 10), { interval: { first: 0, last: 4 }, padBefore: 1, padAfter: 0 });
  t.deepEqual(neededBy(same, { first: 4, last: 6 }, 10), { interval: { first: 3, last: 7 }, padBefore: 0, padAfter: 0 });
  t.deepEqual(neededBy(same, { first: 7, last: 9 }, 10), { interval: { first: 6, last: 9 }, padBefore: 0, padAfter: 1 });
  const wide = { kernel: 3, stride: 2, dilation: 2, padBefore: 2 };
  t.deepEqual(neededBy(wide, { first: 1, last: 2 }, 9), { interval: { first: 0, last: 6 }, padBefore: 0, padAfter: 0 });
});

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

const shares = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

for (const [kind, wish] of [
  ['fused', 'tiles'],
  ['exchanging their borders', 'halo'],
] as const) {
  test.serial(`tiles of random stacks of layers compute what the stack computes: ${kind}`, async (t) => {
    const folder = await tempFolder(t);
    let tiled = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: wish === 'halo' ? 3 : 6 }),
        fc.integer({ min: 12, max: 41 }),
        fc.tuple(shares, shares),
        async (steps, size, [rows, columns]) => {
          const layered = build(stack(steps, size, 17), { batch: 1 });
          const dims = layered.layers.flatMap(({ outputs }) => outputs.map((name) => layered.facts.get(name)!.dims!));
          const fits = dims.every((each) => each.every((length) => length >= 1) && each[2]! >= sum(rows) && each[3]! >= sum(columns));
          if (!fits || rows.length * columns.length > 6) return;
          tiled += 1;
          const { split, work } = await checkParallel(runtime, folder, layered, {
            kind: wish,
            first: 1,
            last: layered.layers.length,
            shares: [rows, columns],
          });
          requireIndependent(split, wish);
          // Only what the halo makes twice is computed twice.
          if (wish === 'halo' && work !== undefined && Math.abs(work - 1) > 1e-9) throw new Error(`${work} × the work`);
        },
      ),
      { numRuns: wish === 'halo' ? 60 : 200 },
    );
    t.true(tiled > 25, `${tiled} models`);
  });
}

/** Fused tiles read nothing from each other. */
function requireIndependent({ routes }: Split, wish: string): void {
  const between = routes.filter(({ from, to }) => from.startsWith('tile') && to.startsWith('tile'));
  if (wish === 'tiles' && between.length > 0) throw new Error(`${between[0]!.to} reads from ${between[0]!.from}`);
}

test.serial('tiles of signals with one spatial axis', async (t) => {
  const layered = listLayers(buildGraph(zooModel('alexnet1d').build(1)), { batch: 1 });
  await checkParallel(runtime, await tempFolder(t), layered, 'tiles:1-4x3');
  t.pass();
});

for (const [name, how] of [
  ['mobilenetv2', 'tiles:1-12x3'],
  ['resnet18', 'tiles:1-15x3:1'],
  ['resnet18', 'tiles:4-15x2x2'],
  ['squeezenet', 'tiles:1-12x1:2:1'],
  ['googlenet', 'tiles:1-12x1x2'],
  ['squeezenet', 'halo:1-6x2'],
] as const) {
  test.serial(`${name}@${how}`, async (t) => {
    const layered = listLayers(buildGraph(zooModel(name).build(1)));
    const { work, bytesBetween } = await checkParallel(runtime, await tempFolder(t), layered, how);
    t.log(`work ${work?.toFixed(3)}, ${bytesBetween} bytes between devices`);
    t.true(work! >= 1 && work! < 2);
  });
}

test('a tile is sent the rows it needs, and no others', (t) => {
  const layered = listLayers(buildGraph(zooModel('mobilenetv2').build(1)));
  const { split } = splitParallel(layered, parseParallel('tiles:1-1x2')!);
  t.is(split.stages[0]!.id, 'before');
  // A 3×3 convolution of stride 2 padded by one: rows 0 to 111, and 111 to 223.
  t.deepEqual(
    split.routes.filter(({ from }) => from === 'before').map(({ tensors }) => tensors),
    [['input[:,:,0:112,:]'], ['input[:,:,111:224,:]']],
  );
});

const lenet = listLayers(buildGraph(zooModel('lenet').build(1)));
for (const [what, how, code, message] of [
  ['a barrier', `tiles:1-${lenet.layers.length}x2`, 'unsupported', /node ".*" \(.*\) of layer \d+ can't be tiled/],
  ['layers that are not there', 'tiles:0-3x2', 'usage', /no layers 0 to 3: lenet has layers 1 to/],
  ['more tiles than rows', 'tiles:1-2x40', 'usage', /has \d+ rows, too few for these 40 tiles/],
  ['more tiles than columns', 'tiles:1-2x1x40', 'usage', /has \d+ columns, too few for these 40 tiles/],
] as const) {
  test(`${what} can't be tiled, and the message says why`, (t) => {
    const error = t.throws(() => splitParallel(lenet, parseParallel(how)!)) as Error & { code: string };
    t.is(error.code, code);
    t.regex(error.message, message);
  });
}

test('a squeeze-and-excitation looks at the whole image, and can not be tiled', (t) => {
  const layered = listLayers(buildGraph(zooModel('efficientnet-b0').build(1)));
  const error = t.throws(() => splitParallel(layered, parseParallel('tiles:1-8x2')!)) as Error;
  t.regex(error.message, /\(GlobalAveragePool\) of layer \d+ can't be tiled/);
});

for (const [where, pads] of [
  ['behind', [0, 0, 2, 0]],
  ['in front of', [2, 0, 0, 0]],
] as const) {
  test(`a tile whose windows lie in the padding ${where} the image, where there are no rows to send, is refused`, (t) => {
    const layered = build({
      nodes: [node('Conv', ['x', 'w'], ['y'], { pads })],
      inputs: [tensor('x', [1, 1, 4, 4])],
      outputs: [untyped('y')],
      initializers: [floats('w', [1, 1, 1, 1])],
    });
    t.throws(() => splitParallel(layered, parseParallel('tiles:1-1x3')!), { message: /can't be tiled/ });
  });
}
