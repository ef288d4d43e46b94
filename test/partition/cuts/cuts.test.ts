import test from 'ava';
import fc from 'fast-check';
import { bridgeCuts } from '../../../partition/cuts/bridge-cuts.ts';
import { cutAt, isClosed, prefixCuts } from '../../../partition/cuts/crossing.ts';
import { listIdeals } from '../../../partition/cuts/ideals.ts';
import { type LayerFlow, layerFlow, layerSet, layersIn } from '../../../partition/cuts/layer-flow.ts';
import { singleTensorCuts } from '../../../partition/cuts/single-tensor-cuts.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { splitModel } from '../../../partition/split.ts';
import { zooModel } from '../../../partition/zoo/catalogue.ts';
import { build } from '../support/build.ts';
import { cook, recipes } from '../support/random-graph.ts';

/** One tensor of 10 bytes per layer, read by the layers named: `{ 1: [2, 3], 2: [4] }`. */
function flowOf(count: number, readers: Readonly<Record<number, readonly number[]>>): LayerFlow {
  const tensors = Object.entries(readers).map(([maker, list]) => ({ name: `t${maker}`, maker: Number(maker), readers: list, bytes: 10 }));
  const readsFrom = Array.from({ length: count + 1 }, (_, layer) =>
    tensors.filter((tensor) => tensor.readers.includes(layer)).map(({ maker }) => maker),
  );
  return { count, tensors, readsFrom };
}

/** Random orders of up to 9 layers; each layer's one tensor has any later readers. */
const flows: fc.Arbitrary<LayerFlow> = fc
  .integer({ min: 1, max: 9 })
  .chain((count) =>
    fc
      .tuple(...Array.from({ length: count }, (_, i) => fc.subarray(Array.from({ length: count - i - 1 }, (_, k) => i + 2 + k))))
      .map((lists) =>
        flowOf(count, Object.fromEntries(lists.map((list, i) => [i + 1, list] as const).filter(([, list]) => list.length > 0))),
      ),
  );

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

const nearSides = (cuts: readonly { readonly near: bigint }[]): number[][] => cuts.map(({ near }) => layersIn(near));

/** 1 ─ 2 ─┬─ 3 ─┬─ 5 ═ 6 ═ 7 */
const diamond = flowOf(7, { 1: [2], 2: [3, 4], 3: [5], 4: [5], 5: [6], 6: [7] });

test('prefix cuts: a tensor with several readers crosses once, as long as one of them is far', (t) => {
  t.deepEqual(
    prefixCuts(diamond).map(({ tensors, bytes }) => [tensors.map(({ name }) => name).join(' '), bytes]),
    [
      ['t1', 10],
      ['t2', 10],
      ['t2 t3', 20],
      ['t3 t4', 20],
      ['t5', 10],
      ['t6', 10],
    ],
  );
});

test('single-tensor cuts are the narrow places, also those that are no prefix', (t) => {
  t.deepEqual(nearSides(singleTensorCuts(diamond)), [[1], [1, 2], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]]);
  const branches = flowOf(5, { 1: [3], 2: [4], 3: [5], 4: [5] });
  t.deepEqual(nearSides(singleTensorCuts(branches)), [[1], [2], [1, 3], [2, 4]]);
});

test('a branch that ends in an output of its own comes to the near side', (t) => {
  t.deepEqual(nearSides(singleTensorCuts(flowOf(5, { 1: [2, 3], 2: [4], 4: [5] }))), [[1], [1, 2, 3], [1, 2, 3, 4]]);
});

test('bridge cuts keep their distance, and the last bridge counts', (t) => {
  t.deepEqual(nearSides(bridgeCuts(diamond, 1)), [[1], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]]);
  t.deepEqual(nearSides(bridgeCuts(diamond, 2)), [[1, 2, 3, 4, 5]]);
  t.deepEqual(nearSides(bridgeCuts(diamond, 6)), [[1, 2, 3, 4, 5, 6]]);
  t.deepEqual(bridgeCuts(diamond, 7), []);
});

test('bridges of branches that only join at the end do not follow one another', (t) => {
  t.deepEqual(nearSides(bridgeCuts(flowOf(5, { 1: [3], 2: [4], 3: [5], 4: [5] }), 1)), [[1], [1, 3]]);
});

test('the ideals are all closed sets and nothing else', (t) => {
  fc.assert(
    fc.property(flows, (flow) => {
      const all = Array.from({ length: 2 ** flow.count - 1 }, (_, i) => BigInt(i + 1) << 1n).filter((set) => isClosed(flow, set));
      const { ideals, complete } = listIdeals(flow, 2 ** flow.count);
      t.true(complete);
      // Sorted, not as sets: each is met once.
      t.deepEqual([...ideals].sort(ascending), all);
    }),
    { numRuns: 300 },
  );
});

test('there is an end to listing ideals, and whoever asks knows that there are more', (t) => {
  const parallel = flowOf(60, {});
  const { ideals, complete } = listIdeals(parallel, 1000);
  t.is(ideals.length, 1000);
  t.false(complete);
  t.true(listIdeals(flowOf(3, {}), 7).complete);
  t.false(listIdeals(flowOf(3, {}), 6).complete);
});

test('single-tensor cuts are closed, and no other closed set has a smaller near side for its tensor', (t) => {
  fc.assert(
    fc.property(flows, (flow) => {
      const { ideals } = listIdeals(flow, 2 ** flow.count);
      const narrow = singleTensorCuts(flow);
      for (const { near, tensors } of narrow) {
        t.true(isClosed(flow, near));
        const same = ideals.map((ideal) => cutAt(flow, ideal)).filter((cut) => cut.tensors.length === 1 && cut.tensors[0] === tensors[0]);
        t.true(same.every((cut) => (near & ~cut.near) === 0n));
      }
      const names = new Set(narrow.map(({ tensors }) => tensors[0]!.name));
      for (const ideal of ideals) {
        const { tensors } = cutAt(flow, ideal);
        if (tensors.length === 1) t.true(names.has(tensors[0]!.name));
      }
    }),
    { numRuns: 300 },
  );
});

test('what a cut says that crosses is what the stages on its two sides exchange', (t) => {
  fc.assert(
    fc.property(recipes, fc.nat(), (recipe, choice) => {
      const layered = build(cook(recipe), { batch: 1 });
      const flow = layerFlow(layered);
      const { ideals } = listIdeals(flow, 500);
      const ideal = ideals[choice % ideals.length]!;
      const near = layersIn(ideal);
      const far = layersIn(layerSet(layered.layers.map(({ number }) => number)) & ~ideal);
      if (far.length === 0) return;
      let split: ReturnType<typeof splitModel>;
      try {
        split = splitModel(layered, [
          { id: 'near', layers: near },
          { id: 'far', layers: far },
        ]);
      } catch {
        // A side that reads nothing of the frame is no stage; its cut is one all the same.
        return;
      }
      const sent = split.routes.filter(({ from, to }) => from === 'near' && to === 'far').flatMap(({ tensors }) => tensors);
      const { tensors, bytes } = cutAt(flow, ideal);
      t.deepEqual([...sent].sort(), tensors.map(({ name }) => name).sort());
      if (bytes !== undefined) t.true(bytes > 0 || sent.length === 0);
    }),
    { numRuns: 300 },
  );
});

test('ResNet-50 is narrow between its blocks and after its two first layers', (t) => {
  const flow = layerFlow(listLayers(buildGraph(zooModel('resnet50').build(1))));
  const narrow = singleTensorCuts(flow).map(({ near }) => layersIn(near).length);
  t.deepEqual(narrow, [1, 2, 7, 11, 15, 20, 24, 28, 32, 37, 41, 45, 49, 53, 57, 62, 66, 70, 71]);
  t.deepEqual(
    bridgeCuts(flow, 1).map(({ near }) => layersIn(near).length),
    [1, 70, 71],
    'a block is read by its branch and its skip',
  );
});
