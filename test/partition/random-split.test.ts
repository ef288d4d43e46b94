/**
 * Random models, cut anywhere and spread over random DAGs of stages, compute what they compute whole.
 */
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../mesh/error.ts';
import { nearSide, stagesOfCuts } from '../../partition/cut.ts';
import { isFlowing } from '../../partition/graph.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { checkPlan } from '../../partition/plan.ts';
import { modelEnds, type Split, splitModel } from '../../partition/split.ts';
import { bytesOf } from '../../partition/tensor-bytes.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { build } from './support/build.ts';
import { cook, recipes } from './support/random-graph.ts';
import { difference, runSplit, sampleInputs, stagesByNumber, wholeModel } from './support/run-split.ts';
import { Runtime } from './support/runtime.ts';

const test = anyTest as TestFn;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

function check({ stages, routes }: Split): void {
  checkPlan({
    epoch: 1n,
    stages: stages.map((stage) => ({ ...stage, device: 'd' })),
    routes: routes.map((route) => ({ ...route, codec: 'none' })),
  });
}

test('the layers 1 to N are closed for every N: nothing in them reads what comes later', (t) => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const { graph, layers, layerOf } = build(cook(recipe), { batch: 1 });
      for (const node of graph.nodes) {
        const layer = layerOf[node.index]!;
        if (node.fixed !== (layer === 0) || layer > layers.length) return false;
        for (const name of node.inputs) {
          const producer = graph.producers.get(name);
          if (producer !== undefined && isFlowing(graph, name) && layerOf[producer.index]! > layer) return false;
        }
      }
      return layers.every((layer) => layer.nodes.length > 0 && layer.nodes.some((node) => node.name === layer.name));
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('the bytes said to cross a cut are those of the routes over it', (t) => {
  fc.assert(
    fc.property(recipes, fc.nat(), (recipe, choice) => {
      const layered = build(cook(recipe), { batch: 1 });
      if (layered.layers.length < 2) return true;
      const cut = 1 + (choice % (layered.layers.length - 1));
      const { routes } = splitModel(layered, stagesByNumber(stagesOfCuts(layered, [`layer${cut}`])));
      const crossing = routes.filter((route) => route.from === 's1' && route.to === 's2').flatMap((route) => route.tensors);
      return layered.layers[cut - 1]!.cutBytes === crossing.reduce((sum, name) => sum + bytesOf(name, layered.facts)!, 0);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

/** Stages that respect the flow: a layer's stage is not before those of the layers it reads from, and not always right after. */
function assign(layered: LayeredGraph, choices: readonly number[], count: number): number[][] {
  const stageOf: number[] = [0];
  const { graph, layers, layerOf } = layered;
  for (const layer of layers) {
    const sources = layer.nodes.flatMap((node) => node.inputs).map((name) => graph.producers.get(name));
    const before = Math.max(0, ...sources.map((node) => (node === undefined ? 0 : (stageOf[layerOf[node.index]!] ?? 0))));
    stageOf.push(before + (choices[layer.number % choices.length]! % (count - before)));
  }
  const stages = Array.from({ length: count }, (_, stage) =>
    layers.map((layer) => layer.number).filter((number) => stageOf[number] === stage),
  );
  return stages.filter((stage) => stage.length > 0);
}

const equal = async (folder: string, layered: LayeredGraph, stages: readonly (readonly number[])[]): Promise<void> => {
  const split = splitModel(layered, stagesByNumber(stages));
  check(split);
  const feeds = sampleInputs(modelEnds(layered).inputs);
  const reference = await runSplit(runtime, wholeModel(layered), feeds, join(folder, 'whole'));
  const apart = difference(reference, await runSplit(runtime, split, feeds, join(folder, 'split')));
  if (!(apart <= 1e-5)) throw new Error(`relative difference ${apart}`);
};

test.serial('random models spread over random DAGs of stages compute the same', async (t) => {
  const folder = await tempFolder(t);
  let stageCount = 0;
  await fc.assert(
    fc.asyncProperty(
      recipes,
      fc.array(fc.nat(), { minLength: 3, maxLength: 8 }),
      fc.integer({ min: 2, max: 5 }),
      async (recipe, choices, count) => {
        const layered = build(cook(recipe), { batch: 1 });
        const stages = assign(layered, choices, count);
        stageCount += stages.length;
        await equal(folder, layered, stages);
      },
    ),
    { numRuns: 300 },
  );
  t.true(stageCount > 400, `${stageCount} stages`);
});

test.serial('random models cut at random tensors compute the same', async (t) => {
  const folder = await tempFolder(t);
  let cutCount = 0;
  await fc.assert(
    fc.asyncProperty(recipes, fc.nat(), async (recipe, choice) => {
      const layered = build(cook(recipe), { batch: 1 });
      const tensors = [...layered.graph.producers.keys()].filter((name) => isFlowing(layered.graph, name));
      const cut = tensors[choice % tensors.length]!;
      if (nearSide(layered, cut).size === layered.layers.length) return;
      cutCount += 1;
      await equal(folder, layered, stagesOfCuts(layered, [cut]));
    }),
    { numRuns: 200 },
  );
  t.true(cutCount > 60, `${cutCount} cuts`);
});

test('a random assignment of layers gives a split or says what is wrong with it', (t) => {
  fc.assert(
    fc.property(recipes, fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }), (recipe, choices) => {
      const layered = build(cook(recipe), { batch: 1 });
      const stages = [0, 1, 2, 3].map((stage) =>
        layered.layers.map(({ number }) => number).filter((number) => choices[number % choices.length] === stage),
      );
      try {
        check(splitModel(layered, stagesByNumber(stages.filter((stage) => stage.length > 0))));
      } catch (thrown) {
        if (!(thrown instanceof MeshError) || !/wait for each other|reads nothing/.test(thrown.message)) throw thrown;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});
