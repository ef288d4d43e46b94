import test from 'ava';
import fc from 'fast-check';
import { type FitMode, fitTrees } from '../../../../controller/profiler/trees/fit.ts';
import { TreePredictor } from '../../../../controller/profiler/trees/predict.ts';
import { type Table, tableFromRows } from '../../../../controller/profiler/trees/table.ts';
import type { TreeEnsemble } from '../../../../controller/profiler/trees/tree.ts';
import { Random } from '../../../../mesh/random.ts';
import { learnable, settings, squaredError } from './random-table.ts';

const modes: readonly FitMode[] = ['exact', 'histogram'];

function predictions(ensemble: TreeEnsemble, table: Table): Float32Array {
  return new TreePredictor(ensemble).predictTable(table);
}

/** One column. */
function column(...values: readonly (number | undefined)[]): Table {
  return tableFromRows(
    ['x'],
    values.map((value) => [value]),
  );
}

/** x and y uniform, z always 7; a label that needs x and y together. */
function surface(rows: number): { readonly table: Table; readonly labels: Float32Array } {
  const random = new Random(3);
  const values = Array.from({ length: rows }, () => [random.next(), random.next(), 7]);
  return { table: tableFromRows(['x', 'y', 'z'], values), labels: Float32Array.from(values, ([x, y]) => Math.sin(6 * x!) * y!) };
}

for (const mode of modes) {
  test(`${mode}: every round brings predictions nearer to the labels they are fitted to`, (t) => {
    fc.assert(
      fc.property(learnable, settings, ({ table, labels }, options) => {
        let error = squaredError(new Float32Array(table.rows).fill(options.baseScore), labels);
        fitTrees(table, labels, { ...options, alpha: 0 }, mode, {
          onRound: (_, now) => {
            const next = squaredError(now, labels);
            if (next > error * (1 + 1e-5) + 1e-6) throw new Error(`${error} became ${next}`);
            error = next;
          },
        });
      }),
    );
    t.pass();
  });

  test(`${mode}: what is predicted for the rows is what was summed up while they were learned`, (t) => {
    fc.assert(
      fc.property(learnable, settings, ({ table, labels }, options) => {
        let last = new Float32Array();
        const ensemble = fitTrees(table, labels, options, mode, {
          onRound: (_, now) => {
            last = now.slice();
          },
        });
        t.deepEqual(predictions(ensemble, table), last);
      }),
    );
  });

  test(`${mode}: a row that weighs twice is a row that is there twice`, (t) => {
    const { table, labels } = surface(60);
    const rows = Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? [row, row] : [row])).flat();
    const doubled: Table = {
      ...table,
      columns: table.columns.map((values) => Float32Array.from(rows, (row) => values[row]!)),
      rows: rows.length,
    };
    const weights = Float32Array.from(labels, (_, row) => (row % 3 === 0 ? 2 : 1));
    const options = { rounds: 20, minChildWeight: 3 };
    const weighted = fitTrees(table, labels, options, mode, { weights });
    const repeated = fitTrees(
      doubled,
      Float32Array.from(rows, (row) => labels[row]!),
      options,
      mode,
    );
    t.deepEqual(weighted, repeated);
  });

  test(`${mode}: trees learn what they can tell apart, and need no more columns than that`, (t) => {
    const { table, labels } = surface(800);
    const ensemble = fitTrees(table, labels, { rounds: 80 }, mode);
    const mean = labels.reduce((sum, value) => sum + value, 0) / labels.length;
    const spread = labels.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    t.true(squaredError(predictions(ensemble, table), labels) < 0.001 * spread);
    t.false(ensemble.trees.some((tree) => tree.gain.some((gain, node) => gain > 0 && tree.feature[node] === 2)));
  });

  test(`${mode}: missing values go where they belong`, (t) => {
    const table = column(1, 2, 3, 4, undefined, undefined);
    for (const missing of [-10, 10]) {
      // With 1 and 2 or with 3 and 4.
      const ensemble = fitTrees(
        table,
        Float32Array.of(-10, -10, 10, 10, missing, missing),
        { rounds: 1, depth: 1, lambda: 0, eta: 1 },
        mode,
      );
      t.deepEqual([...predictions(ensemble, column(0, 9, undefined))], [-10, 10, missing]);
      t.is(ensemble.trees[0]!.threshold[0], 2.5);
    }
  });

  test(`${mode}: rows with a value and rows without one can be told apart`, (t) => {
    const table = column(5, undefined, 5, undefined);
    const ensemble = fitTrees(table, Float32Array.of(1, 2, 1, 2), { rounds: 1, lambda: 0, eta: 1, baseScore: 0 }, mode);
    t.deepEqual([...predictions(ensemble, table)], [1, 2, 1, 2]);
  });

  test(`${mode}: one row, and columns that are constant or empty, give leaves`, (t) => {
    const leaf = fitTrees(column(4), Float32Array.of(2), { rounds: 1, eta: 1, lambda: 0 }, mode);
    t.deepEqual([...leaf.trees[0]!.left], [-1]);
    t.is(new TreePredictor(leaf).predictRow([100]), 2);
    const same = fitTrees(column(1, 1, 1), Float32Array.of(1, 2, 3), { rounds: 1, eta: 1, lambda: 0 }, mode);
    t.is(new TreePredictor(same).predictRow([1]), 2);
    t.deepEqual([...fitTrees(column(undefined, undefined), Float32Array.of(1, 2), { rounds: 1 }, mode).trees[0]!.left], [-1]);
  });

  test(`${mode}: no split gains less than gamma, has less weight on a side than the least, or lies deeper than the depth`, (t) => {
    const { table, labels } = surface(300);
    const options = { rounds: 5, gamma: 0.3, minChildWeight: 9, depth: 4 };
    const { trees } = fitTrees(table, labels, options, mode);
    t.true(trees.some(({ left }) => left.length > 3));
    for (const { left, right, gain, cover } of trees) {
      const depths = new Int32Array(left.length);
      for (const [node, child] of left.entries()) {
        if (child < 0) continue;
        // A split that gains less stays where one below it gains enough.
        const isLowest = left[child]! < 0 && left[right[node]!]! < 0;
        t.true(!isLowest || gain[node]! >= 0.3);
        t.true(cover[child]! >= 9 && cover[right[node]!]! >= 9);
        depths[child] = depths[node]! + 1;
        depths[right[node]!] = depths[node]! + 1;
      }
      t.true(Math.max(...depths) <= 4);
    }
    const all = fitTrees(table, labels, { ...options, gamma: 1e6 }, mode);
    t.true(all.trees.every(({ left }) => left.length === 1));
  });

  test(`${mode}: rows and columns that are drawn are drawn by the seed`, (t) => {
    const { table, labels } = surface(200);
    const drawn = (seed: number, columnSample = 0.7): TreeEnsemble =>
      fitTrees(table, labels, { rounds: 6, subsample: 0.5, columnSample, seed }, mode);
    t.deepEqual(drawn(1), drawn(1));
    t.notDeepEqual(drawn(1), drawn(2));
    t.true(drawn(1).trees.every(({ cover }) => cover[0] === 100));
    const looksAt = (tree: TreeEnsemble['trees'][number]): number[] => [...tree.feature].filter((_, node) => tree.left[node]! >= 0);
    t.true(drawn(1, 0.4).trees.every((tree) => new Set(looksAt(tree)).size <= 1));
  });
}

test('of up to 256 values a histogram finds the splits that trying every place finds', (t) => {
  const random = new Random(8);
  const values = Array.from({ length: 500 }, () => [random.below(200), random.next() < 0.2 ? undefined : random.below(20)]);
  const table = tableFromRows(['x', 'y'], values);
  const labels = Float32Array.from(values, ([x, y]) => Math.floor(x! / 30) + (y ?? 4) * (x! % 3));
  const options = { rounds: 1, depth: 4 };
  const [exact, histogram] = modes.map((mode) => fitTrees(table, labels, options, mode)) as [TreeEnsemble, TreeEnsemble];
  t.deepEqual(predictions(histogram, table), predictions(exact, table));
  t.deepEqual(histogram.trees[0]!.feature, exact.trees[0]!.feature);
});

test('what trees cannot be fitted to is refused', (t) => {
  const table = column(1, 2);
  const labels = Float32Array.of(1, 2);
  const refused = (what: () => unknown, message: RegExp): void => {
    t.throws(what, { name: 'MeshError', code: 'invalid', message });
  };
  refused(() => fitTrees(column(), new Float32Array()), /without rows/);
  refused(() => fitTrees(table, Float32Array.of(1)), /1 labels for 2 rows/);
  refused(() => fitTrees(table, Float32Array.of(1, Number.NaN)), /label of row 1 is NaN/);
  refused(() => fitTrees(table, labels, {}, 'exact', { weights: Float32Array.of(1, -1) }), /weight of row 1 is -1/);
  refused(() => fitTrees(column(1, Number.POSITIVE_INFINITY), labels), /x is Infinity in row 1/);
  refused(() => fitTrees({ ...table, names: ['x', 'y'] }, labels), /1 columns have 2 names/);
  refused(() => fitTrees(table, labels, { rounds: 1.5 }), /rounds of trees is 1.5, expected a whole number of at least 0/);
  refused(() => fitTrees(table, labels, { depth: 0 }), /depth/);
  refused(() => fitTrees(table, labels, { eta: 0 }), /eta of trees is 0, expected a number above 0 and at most 1/);
  refused(() => fitTrees(table, labels, { lambda: -1 }), /lambda/);
  refused(() => tableFromRows(['x', 'x'], [[1, 2]]), /two columns have one name/);
  refused(() => tableFromRows(['x', 'y'], [[1]]), /row 0 has 1 values, expected 2/);
});

test('without rounds the base score is predicted; rows and tables of other columns are refused', (t) => {
  const ensemble = fitTrees(column(1, 2), Float32Array.of(1, 2), { rounds: 0, baseScore: 3 });
  const predictor = new TreePredictor(ensemble);
  t.is(predictor.predictRow([1]), 3);
  t.throws(() => predictor.predictRow([1, 2]), { code: 'invalid', message: /a row of 2 values, expected 1: x/ });
  t.throws(() => predictor.predictTable(tableFromRows(['z'], [[1]])), { code: 'invalid', message: /a table of z; these trees know x/ });
});
