/**
 * What the runtime says about every tensor, through the probe, is what static inference says: for the whole zoo, and for random models.
 */
import { readdir } from 'node:fs/promises';
import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { buildGraph, type ModelGraph } from '../../../partition/graph.ts';
import { inferFacts } from '../../../partition/infer/infer.ts';
import { payloadLength } from '../../../partition/payload.ts';
import { reconcile } from '../../../partition/probe/reconcile.ts';
import { shapeProbe } from '../../../partition/probe/shape-probe.ts';
import { readModel } from '../../../partition/read-model.ts';
import { stageFiles } from '../../../partition/stage-files.ts';
import { zoo } from '../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { floats, modelBytes, node, tensor, untyped } from '../support/build.ts';
import { cook, recipes } from '../support/random-graph.ts';
import { runProbe } from '../support/run-probe.ts';
import { Runtime } from '../support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

async function disagreements(graph: ModelGraph, folder: string): Promise<readonly string[]> {
  const facts = inferFacts(graph, { batch: 1 });
  const probe = shapeProbe(graph, facts)!;
  const measured = await runProbe(runtime, folder, probe);
  return reconcile(graph, facts, measured).disagreements;
}

for (const { name, build } of zoo) {
  test.serial(`static inference and the runtime agree on every tensor of ${name}`, async (t) => {
    t.deepEqual(await disagreements(buildGraph(build(1)), await tempFolder(t)), []);
  });
}

test.serial('they agree on random models', async (t) => {
  const folder = await tempFolder(t);
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe) => {
      const found = await disagreements(buildGraph(readModel(modelBytes(cook(recipe)), 'random')), folder);
      if (found.length > 0) throw new Error(found.join('\n'));
    }),
    { numRuns: 40 },
  );
  t.true((await readdir(folder)).length >= 40);
});

test('big weights stay at home and small constants travel', async (t) => {
  const graph = buildGraph(zoo.find(({ name }) => name === 'lenet')!.build(1));
  const probe = shapeProbe(graph, inferFacts(graph))!;
  const { model, weights } = await stageFiles(probe.model);
  t.deepEqual(weights, []);
  t.true(payloadLength(model.content) < 100_000);
  t.true(probe.inputs.length > 1 && probe.model.proto.graph!.initializer.length > 0);
});

test('the bytes of a probe are those of all tensors of a frame', (t) => {
  const graph = buildGraph(
    readModel(
      modelBytes({
        nodes: [node('Relu', ['x'], ['h']), node('Relu', ['h'], ['y'])],
        inputs: [tensor('x', [1, 8])],
        outputs: [untyped('y')],
      }),
      'm',
    ),
  );
  t.is(shapeProbe(graph, inferFacts(graph))!.bytes, 3 * 32);
});

test('a model that nobody could feed has no probe', (t) => {
  const STRING = 8;
  const graphOf = (input: ReturnType<typeof tensor>): ModelGraph =>
    buildGraph(readModel(modelBytes({ nodes: [node('Identity', ['x'], ['y'])], inputs: [input], outputs: [untyped('y')] }), 'm'));
  for (const input of [tensor('x', [1], STRING), tensor('x', undefined)]) {
    const graph = graphOf(input);
    t.is(shapeProbe(graph, inferFacts(graph)), undefined);
  }
});

test.serial('sequences are left out, and what comes out of them is measured', async (t) => {
  const parts = {
    nodes: [
      node('Relu', ['x'], ['h']),
      node('SplitToSequence', ['h'], ['s'], { axis: 0 }),
      node('ConcatFromSequence', ['s'], ['y'], { axis: 1 }),
    ],
    inputs: [tensor('x', [2, 8])],
    outputs: [untyped('y')],
  };
  const graph = buildGraph(readModel(modelBytes(parts), 'm'));
  const measured = await runProbe(runtime, await tempFolder(t), shapeProbe(graph, inferFacts(graph))!);
  t.deepEqual(measured, [
    { name: 'h', dtype: 'float32', dims: [2, 8] },
    { name: 'y', dtype: 'float32', dims: [1, 16] },
  ]);
});

test.serial('weights that stand for others keep their meaning: one that is shared, one that computes another', async (t) => {
  const weight = floats('w', [64, 300]);
  const parts = {
    nodes: [node('Transpose', ['w'], ['wt'], { perm: [1, 0] }), node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'wt'], ['y'])],
    inputs: [tensor('x', [1, 64])],
    outputs: [untyped('y')],
    initializers: [weight],
  };
  const graph = buildGraph(readModel(modelBytes(parts), 'm'));
  const probe = shapeProbe(graph, inferFacts(graph))!;
  t.deepEqual(
    probe.inputs.map(({ name }) => name),
    ['x', 'w'],
  );
  const measured = await runProbe(runtime, await tempFolder(t), probe);
  t.deepEqual(
    measured.map(({ name, dims }) => [name, dims.join()]),
    [
      ['h', '1,300'],
      ['y', '1,64'],
    ],
  );
});
