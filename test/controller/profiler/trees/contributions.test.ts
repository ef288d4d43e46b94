import test from 'ava';
import fc from 'fast-check';
import { TreeExplainer } from '../../../../controller/profiler/trees/contributions.ts';
import { fitTrees } from '../../../../controller/profiler/trees/fit.ts';
import { importanceOf } from '../../../../controller/profiler/trees/importance.ts';
import { TreePredictor } from '../../../../controller/profiler/trees/predict.ts';
import { tableFromRows } from '../../../../controller/profiler/trees/table.ts';
import { childOf, type Tree, type TreeEnsemble } from '../../../../controller/profiler/trees/tree.ts';
import { learnable, rowOf, settings } from './random-table.ts';

/** What a tree predicts when only these features are known: elsewhere the mean of both sides, by how many rows came there. */
function expected(tree: Tree, row: Float32Array, known: ReadonlySet<number>, node = 0): number {
  const left = tree.left[node]!;
  const right = tree.right[node]!;
  if (left < 0) return tree.value[node]!;
  const feature = tree.feature[node]!;
  if (known.has(feature)) return expected(tree, row, known, childOf(tree, node, row[feature]!));
  const part = (child: number): number => (tree.cover[child]! / tree.cover[node]!) * expected(tree, row, known, child);
  return part(left) + part(right);
}

function orders(features: readonly number[]): readonly (readonly number[])[] {
  if (features.length === 0) return [[]];
  return features.flatMap((first) => orders(features.filter((feature) => feature !== first)).map((rest) => [first, ...rest]));
}

/** Shapley's definition: what it adds when it becomes known, the mean over all orders in which features can become known. */
function shapley({ names, trees }: TreeEnsemble, row: Float32Array): number[] {
  const all = orders([...names.keys()]);
  const sums = names.map(() => 0);
  for (const order of all) {
    for (const [at, feature] of order.entries()) {
      const before = new Set(order.slice(0, at));
      const after = new Set([...before, feature]);
      for (const tree of trees) sums[feature]! += (expected(tree, row, after) - expected(tree, row, before)) / all.length;
    }
  }
  return sums;
}

test('contributions are the mean over all orders in which features become known', (t) => {
  fc.assert(
    fc.property(learnable, settings, ({ table, labels }, options) => {
      const ensemble = fitTrees(table, labels, { ...options, rounds: 3 });
      const found = new TreeExplainer(ensemble).contributions(rowOf(table, 0));
      for (const [feature, wanted] of shapley(ensemble, rowOf(table, 0)).entries()) {
        t.true(Math.abs(found[feature]! - wanted) <= 1e-9 * (1 + Math.abs(wanted)));
      }
    }),
    { numRuns: 60 },
  );
});

test('base and contributions add up to the prediction, for rows that were never seen, too', (t) => {
  fc.assert(
    fc.property(learnable, learnable, settings, (one, other, options) => {
      const ensemble = fitTrees(one.table, one.labels, options);
      const explainer = new TreeExplainer(ensemble);
      const row = one.table.names.map((_, column) => other.table.columns[column % other.table.columns.length]![0]!);
      const sum = explainer.contributions(row).reduce((total, value) => total + value, explainer.base);
      const prediction = new TreePredictor(ensemble).predictRow(row);
      t.true(Math.abs(sum - prediction) <= 1e-4 * (1 + Math.abs(prediction)), `${sum} and ${prediction}`);
    }),
  );
});

test('nodes where no row came while trees were learned do not break the sum', (t) => {
  const tree: Tree = {
    left: Int32Array.of(1, 3, -1, -1, -1),
    right: Int32Array.of(2, 4, -1, -1, -1),
    feature: Int32Array.of(0, 1, 0, 0, 0),
    threshold: Float32Array.of(5, 5, 0, 0, 0),
    defaultLeft: new Uint8Array(5),
    value: Float32Array.of(0, 0, 1, 2, 4),
    gain: new Float32Array(5),
    cover: Float32Array.of(8, 0, 8, 0, 0),
  };
  const explainer = new TreeExplainer({ names: ['x', 'y'], baseScore: 0, trees: [tree] });
  t.is(explainer.base, 1);
  for (const [row, prediction] of [
    [[1, 1], 2],
    [[1, 9], 4],
    [[9, 1], 1],
  ] as const) {
    const [x, y] = explainer.contributions(row);
    t.is(explainer.base + x! + y!, prediction);
  }
});

test('the most important feature lowers the loss most', (t) => {
  const rows = Array.from({ length: 40 }, (_, row) => [row % 2, row % 5, row % 3]);
  const labels = Float32Array.from(rows, ([, five, three]) => 10 * five! + three!);
  const ensemble = fitTrees(tableFromRows(['a', 'b', 'c'], rows), labels, { rounds: 10 });
  const found = importanceOf(ensemble);
  t.deepEqual(
    found.map(({ name }) => name),
    ['b', 'c', 'a'],
  );
  t.deepEqual(found[2], { name: 'a', gain: 0, splits: 0 });
  const gains = ensemble.trees.reduce((sum, { gain }) => sum + gain.reduce((all, each) => all + each, 0), 0);
  t.true(Math.abs(found[0]!.gain + found[1]!.gain - gains) < 1e-6 * gains);
});
