import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { examples } from '../../bench/trees/tables.ts';
import { fitTrees } from '../../controller/profiler/trees/fit.ts';
import { TreePredictor } from '../../controller/profiler/trees/predict.ts';
import { type Table, tableFromRows } from '../../controller/profiler/trees/table.ts';
import type { TreeEnsemble } from '../../controller/profiler/trees/tree.ts';
import { type TreeOperator, treeEnsembleModel } from '../../partition/tree-ensemble-model.ts';
import { streamWritten, writeModel } from '../../partition/write-model.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { Runtime } from './support/runtime.ts';

const operators: readonly TreeOperator[] = ['TreeEnsembleRegressor', 'TreeEnsemble'];
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

/** Between what ONNX Runtime and what we predict, largest over the rows; relative to what is added up, which a prediction near 0 is the small rest of. */
async function difference(folder: string, ensemble: TreeEnsemble, table: Table, operator: TreeOperator): Promise<number> {
  const path = join(folder, `${operator}.onnx`);
  await writeFile(path, streamWritten(writeModel(treeEnsembleModel(ensemble, operator))));
  const data = Float32Array.from({ length: table.rows * table.columns.length }, (_, at) => {
    return table.columns[at % table.columns.length]![Math.floor(at / table.columns.length)]!;
  });
  const features = { dtype: 'float32', dims: [table.rows, table.columns.length], data: data.buffer };
  const { prediction } = await runtime.run(path, { features }, ['prediction']);
  const found = new Float32Array(prediction!.data);
  const wanted = new TreePredictor(ensemble).predictTable(table);
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  const scale = (value: number): number => Math.max(Math.abs(value), Math.abs(ensemble.baseScore));
  return wanted.reduce((worst, value, row) => Math.max(worst, Math.abs(found[row]! - value) / scale(value)), 0);
}

for (const operator of operators) {
  test.serial(`ONNX Runtime predicts with ${operator} what we do`, async (t) => {
    const folder = await tempFolder(t);
    for (const { name, table, labels, weights, options } of examples()) {
      const ensemble = fitTrees(table, labels, { ...options, rounds: 20 }, 'exact', { weights });
      const worst = await difference(folder, ensemble, table, operator);
      t.true(worst <= 1e-5, `${name}: ${worst}`);
    }
  });

  test.serial(`thresholds themselves go right and missing values where they should with ${operator}`, async (t) => {
    const folder = await tempFolder(t);
    const threshold = 0.1;
    const below = Math.fround(threshold) - 2 ** -27;
    const table = tableFromRows(['x'], [[threshold], [below], [undefined], [-1], [1]]);
    for (const defaultLeft of [0, 1]) {
      const tree = {
        left: Int32Array.of(1, -1, -1),
        right: Int32Array.of(2, -1, -1),
        feature: Int32Array.of(0, 0, 0),
        threshold: Float32Array.of(threshold, 0, 0),
        defaultLeft: Uint8Array.of(defaultLeft, 0, 0),
        value: Float32Array.of(0, 10, 20),
        gain: Float32Array.of(1, 0, 0),
        cover: Float32Array.of(2, 1, 1),
      };
      const ensemble = { names: ['x'], baseScore: 0.5, trees: [tree] };
      t.deepEqual([...new TreePredictor(ensemble).predictTable(table)], [20.5, 10.5, defaultLeft === 1 ? 10.5 : 20.5, 10.5, 20.5]);
      t.is(await difference(folder, ensemble, table, operator), 0);
    }
  });

  test.serial(`trees that are one leaf are exported with ${operator}`, async (t) => {
    const table = tableFromRows(['x', 'y'], [[1, 2]]);
    const ensemble = fitTrees(table, Float32Array.of(3), { rounds: 3 });
    t.is(ensemble.trees[0]!.left.length, 1);
    t.true((await difference(await tempFolder(t), ensemble, table, operator)) <= 1e-6);
  });
}
