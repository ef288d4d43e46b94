/**
 * Boosted trees: how long they take to grow and to predict, next to XGBoost in the same run, and how many of them are XGBoost's.
 *
 *     node bench/profiler.ts [--rounds 3] [--json]
 *
 * 10,000 rows of 30 columns, 145 trees of depth 6. CPU time of one thread, ours and XGBoost's in turns. Without python3-xgboost ours alone.
 */
import { parseArgs } from 'node:util';
import { TreeExplainer } from '../controller/profiler/trees/contributions.ts';
import { fitTrees } from '../controller/profiler/trees/fit.ts';
import { TreePredictor } from '../controller/profiler/trees/predict.ts';
import { fromXgboostJson } from '../controller/profiler/trees/xgboost-read.ts';
import { toXgboostJson } from '../controller/profiler/trees/xgboost-write.ts';
import { print, type Row, type Table } from './support/report.ts';
import { median } from './support/statistics.ts';
import { identicalTrees } from './trees/identical.ts';
import { hasXgboost, XgboostPeer } from './trees/peer.ts';
import { examples, randomTable } from './trees/tables.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } });
const rounds = Number(values.rounds);

const ROWS = 10_000;
const COLUMNS = 30;
const options = { rounds: 145, depth: 6 };
const data = randomTable(9, ROWS, COLUMNS);
const byRow = Array.from({ length: ROWS }, (_, row) => Float32Array.from(data.table.columns, (column) => column[row]!));

/** Milliseconds of CPU. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const peer = hasXgboost() ? await XgboostPeer.start() : undefined;

const trees = fitTrees(data.table, data.labels, options);
const json = toXgboostJson(trees);
const predictor = new TreePredictor(trees);
const explainer = new TreeExplainer(trees);
const EXPLAINED = 200;

/** Each is measured once in every round; seconds, and microseconds per row. */
const works = {
  exact: () => cpuMs(() => fitTrees(data.table, data.labels, options)) / 1000,
  xgboost: async () => (await peer!.train(data, options)).ms / 1000,
  histogram: () => cpuMs(() => fitTrees(data.table, data.labels, options, 'histogram')) / 1000,
  table: () => (cpuMs(() => predictor.predictTable(data.table)) * 1000) / ROWS,
  row: () =>
    (cpuMs(() => {
      for (const row of byRow) predictor.predictRow(row);
    }) *
      1000) /
    ROWS,
  xgboostTable: async () => ((await peer!.predict(json, data.table)).ms * 1000) / ROWS,
  explain: () =>
    cpuMs(() => {
      for (const row of byRow.slice(0, EXPLAINED)) explainer.contributions(row);
    }) / EXPLAINED,
};
type Work = keyof typeof works;
const names = (Object.keys(works) as Work[]).filter((name) => peer !== undefined || !name.startsWith('xgboost'));

const measured = new Map<Work, number[]>(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const name of names) measured.get(name)!.push(await works[name]());
}

function row(what: string, name: Work, unit: string, bar?: Row['bar']): Row[] {
  const figures = measured.get(name);
  return figures === undefined ? [] : [{ what, value: median(figures), unit, rounds: figures, ...(bar === undefined ? {} : { bar }) }];
}

function ratio(what: string, ours: Work, theirs: Work): Row[] {
  const figures = measured.get(theirs)?.map((figure, round) => measured.get(ours)![round]! / figure);
  return figures === undefined ? [] : [{ what, value: median(figures), unit: '×', rounds: figures }];
}

async function sameTrees(against: XgboostPeer): Promise<{ readonly table: Table; readonly row: Row }> {
  const lines: [string, number, number, string][] = [];
  const all = [...examples(), { name: `${ROWS} rows, as measured`, ...data, options }];
  for (const { name, table, labels, weights, options: settings } of all) {
    const theirs = fromXgboostJson((await against.train({ table, labels, ...(weights === undefined ? {} : { weights }) }, settings)).json);
    const ours = fitTrees(table, labels, settings, 'exact', { weights });
    lines.push([name, theirs.trees.length, identicalTrees(ours, theirs), `${table.rows} × ${table.columns.length}`]);
  }
  const shares = lines.map(([, count, same]) => same / count);
  return {
    table: { title: 'Trees that are identical', columns: ['table', 'trees', 'identical', 'size'], lines },
    row: {
      what: 'identical trees, least of the tables',
      value: 100 * Math.min(...shares),
      unit: '%',
      rounds: shares.map((share) => 100 * share),
      bar: { atLeast: 99 },
    },
  };
}

const same = peer === undefined ? undefined : await sameTrees(peer);
const against =
  peer === undefined ? 'without XGBoost: python3-xgboost is not installed' : `XGBoost ${peer.version}, tree_method=exact, one thread`;
print(
  {
    benchmark: 'Boosted trees',
    method: `${ROWS} rows × ${COLUMNS} columns, ${options.rounds} trees of depth ${options.depth}; CPU time, median of ${rounds} rounds; ${against}`,
    tables: same === undefined ? [] : [same.table],
    rows: [
      ...row('grown, every place tried', 'exact', 's', { atMost: 10 }),
      ...row('grown by XGBoost', 'xgboost', 's'),
      ...ratio('ours ÷ XGBoost', 'exact', 'xgboost'),
      ...row('grown, from histograms', 'histogram', 's'),
      ...row('a row predicted, alone', 'row', 'µs', { atMost: 10 }),
      ...row('a row predicted, in a table', 'table', 'µs', { atMost: 10 }),
      ...row('the same by XGBoost', 'xgboostTable', 'µs'),
      ...row('contributions of a row', 'explain', 'ms'),
      ...(same === undefined ? [] : [same.row]),
    ],
  },
  values.json,
);
await peer?.[Symbol.asyncDispose]();
