/** Trees against the XGBoost they follow: grown by both, written by one and read by the other. */
import test from 'ava';
import { identicalTrees } from '../../bench/trees/identical.ts';
import { XgboostPeer } from '../../bench/trees/peer.ts';
import { type Example, examples, randomTable } from '../../bench/trees/tables.ts';
import { TreeExplainer } from '../../controller/profiler/trees/contributions.ts';
import { fitTrees } from '../../controller/profiler/trees/fit.ts';
import { TreePredictor } from '../../controller/profiler/trees/predict.ts';
import { fromXgboostJson } from '../../controller/profiler/trees/xgboost-read.ts';
import { toXgboostJson } from '../../controller/profiler/trees/xgboost-write.ts';
import { needs } from '../helpers/privileges.ts';
import { xgboostMissing } from '../helpers/xgboost.ts';

const compared = needs(test.serial, xgboostMissing());

const all: readonly Example[] = [
  ...examples(),
  { name: '10,000 rows of 30 columns', ...randomTable(9, 10_000, 30), options: { rounds: 15 } },
];

for (const { name, table, labels, weights, options } of all) {
  compared(`${name}: trees are XGBoost's, and each reads what the other writes`, async (t) => {
    await using peer = await XgboostPeer.start();
    const trained = await peer.train({ table, labels, ...(weights === undefined ? {} : { weights }) }, options);
    const theirs = fromXgboostJson(trained.json);
    const ours = fitTrees(table, labels, options, 'exact', { weights });

    const share = identicalTrees(ours, theirs) / theirs.trees.length;
    t.is(ours.trees.length, theirs.trees.length);
    t.true(share >= 0.99, `${share} of the trees are identical to those of XGBoost ${peer.version}`);

    const theirSaying = await peer.predict(trained.json, table);
    t.deepEqual(new TreePredictor(theirs).predictTable(table), theirSaying.predictions);
    const ofOurs = await peer.predict(toXgboostJson(ours), table);
    t.deepEqual(new TreePredictor(ours).predictTable(table), ofOurs.predictions);

    const explainer = new TreeExplainer(ours);
    const width = table.columns.length + 1;
    for (let row = 0; row < table.rows; row += Math.ceil(table.rows / 40)) {
      const wanted = ofOurs.contributions.subarray(row * width, (row + 1) * width);
      const found = [...explainer.contributions(table.columns.map((column) => column[row]!)), explainer.base];
      const scale = Math.max(1, Math.abs(explainer.base));
      for (const [at, value] of found.entries())
        t.true(Math.abs(value - wanted[at]!) <= 1e-4 * scale, `${name} ${row}: ${value}, ${wanted[at]}`);
    }
  });
}
