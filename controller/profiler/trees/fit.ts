/**
 * Gradient boosting (Friedman 2001) of regression trees by squared error: each tree is fitted to what the ones before it leave over.
 *
 *     predictions = baseScore  ─▶  gradients  ─▶  a tree  ─▶  predictions += its leaves  ─▶  gradients  ─▶  …
 *
 * `exact` grows the trees of XGBoost 1.7 with tree_method=exact. `histogram` looks at up to 256 values per column only, which takes less time the more
 * rows there are.
 */
import { MeshError } from '../../../mesh/error.ts';
import { Random } from '../../../mesh/random.ts';
import { ExactFinder } from './fit-exact.ts';
import { HistogramFinder } from './fit-histogram.ts';
import { newGradients, squaredErrorGradients } from './gradients.ts';
import { growTree, type Soil, type SplitFinder } from './grow.ts';
import { type TreeOptions, treeOptions } from './options.ts';
import { addTree } from './predict.ts';
import { checkedTable, type Table } from './table.ts';
import type { Tree, TreeEnsemble } from './tree.ts';

export type FitMode = 'exact' | 'histogram';

export interface FitExtras {
  /** Per row, not negative; without: 1. */
  readonly weights?: Float32Array | undefined;
  /** After each tree: how many there are, and what they predict for each row now (the array changes with the next one). */
  readonly onRound?: (trees: number, predictions: Float32Array) => void;
}

/** Error `invalid`: no rows, other numbers of labels or weights than rows, what is not finite, options out of their range. */
export function fitTrees(
  table: Table,
  labels: Float32Array,
  given: Partial<TreeOptions> = {},
  mode: FitMode = 'exact',
  { weights, onRound }: FitExtras = {},
): TreeEnsemble {
  const options = treeOptions(given);
  checkedTable(table);
  if (table.rows === 0) throw new MeshError('invalid', 'a table without rows: trees have nothing to learn from');
  checkValues('label', labels, table.rows, Number.isFinite);
  if (weights !== undefined) checkValues('weight', weights, table.rows, (weight) => Number.isFinite(weight) && weight >= 0);

  const grow = growerOf(table, options, mode);
  const random = new Random(options.seed);
  const gradients = newGradients(table.rows);
  const predictions = new Float32Array(table.rows).fill(options.baseScore);
  const trees: Tree[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    squaredErrorGradients(gradients, predictions, labels, weights);
    const rows = drawn(table.rows, options.subsample, random);
    const columns = drawn(table.columns.length, options.columnSample, random);
    const tree = grow({ table, gradients, rows: Int32Array.from(rows), columns, options });
    addTree(tree, table, predictions);
    trees.push(tree);
    onRound?.(round, predictions);
  }
  return { names: [...table.names], baseScore: options.baseScore, trees };
}

function growerOf(table: Table, options: TreeOptions, mode: FitMode): (soil: Soil) => Tree {
  const with_ =
    <Own>(finder: SplitFinder<Own>) =>
    (soil: Soil): Tree =>
      growTree(finder, soil);
  return mode === 'exact' ? with_(new ExactFinder(table, options)) : with_(new HistogramFinder(table, options));
}

function checkValues(what: string, values: Float32Array, rows: number, isFine: (value: number) => boolean): void {
  if (values.length !== rows) throw new MeshError('invalid', `${values.length} ${what}s for ${rows} rows`);
  const wrong = values.findIndex((value) => !isFine(value));
  if (wrong >= 0) throw new MeshError('invalid', `the ${what} of row ${wrong} is ${values[wrong]}`);
}

/** Of the numbers below `count` a part, at least one, ascending. (Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S.) */
function drawn(count: number, part: number, random: Random): number[] {
  const wanted = Math.max(1, Math.round(count * part));
  const numbers: number[] = [];
  for (let number = 0; number < count; number += 1) {
    if (part === 1 || (count - number) * random.next() < wanted - numbers.length) numbers.push(number);
  }
  return numbers;
}
