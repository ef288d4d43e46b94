/**
 * Predictions: float32 sums in the order of the trees, which gives the same bits as XGBoost.
 *
 * For many rows of one ensemble all trees are laid out in a row, the two children of a node beside each other, so that a step is a comparison and an
 * addition:
 *
 *     node          0   1   2 │ 3 …          next = first child + (right ? 1 : 0)
 *     first child   1   ∅   ∅ │ 4            leaves: their value is where the others have their threshold
 */
import { MeshError } from '../../../mesh/error.ts';
import type { Table } from './table.ts';
import { childOf, type Tree, type TreeEnsemble } from './tree.ts';

/** Adds to each row's prediction the value of its leaf. */
export function addTree(tree: Tree, { columns, rows }: Table, predictions: Float32Array): void {
  for (let row = 0; row < rows; row += 1) {
    let at = 0;
    while (tree.left[at]! >= 0) at = childOf(tree, at, columns[tree.feature[at]!]![row]!);
    predictions[row]! += tree.value[at]!;
  }
}

export class TreePredictor {
  readonly #names: readonly string[];
  readonly #baseScore: number;
  readonly #roots: Int32Array;
  /** Of leaves -1. */
  readonly #firstChild: Int32Array;
  /** Twice the column, and 1 more if missing values go left. */
  readonly #feature: Int32Array;
  /** Thresholds; of leaves their values. */
  readonly #numbers: Float32Array;

  constructor({ names, baseScore, trees }: TreeEnsemble) {
    const nodes = trees.reduce((sum, tree) => sum + tree.left.length, 0);
    this.#names = names;
    this.#baseScore = baseScore;
    this.#roots = new Int32Array(trees.length);
    this.#firstChild = new Int32Array(nodes).fill(-1);
    this.#feature = new Int32Array(nodes);
    this.#numbers = new Float32Array(nodes);
    let used = 0;
    for (const [number, tree] of trees.entries()) {
      this.#roots[number] = used;
      used = this.#lay(tree, used);
    }
  }

  /** Values in the order of the ensemble's names; NaN: missing. What is no float32 is rounded to one first. */
  predictRow(row: Float32Array | readonly number[]): number {
    if (row.length !== this.#names.length) {
      throw new MeshError('invalid', `a row of ${row.length} values, expected ${this.#names.length}: ${this.#names.join(', ')}`);
    }
    return this.#sum(row instanceof Float32Array ? row : Float32Array.from(row));
  }

  /** One prediction per row. Error `invalid` for a table of other columns. */
  predictTable({ names, columns, rows }: Table): Float32Array {
    if (names.length !== this.#names.length || names.some((name, at) => name !== this.#names[at])) {
      throw new MeshError('invalid', `a table of ${names.join(', ')}; these trees know ${this.#names.join(', ')}`);
    }
    const predictions = new Float32Array(rows);
    const values = new Float32Array(columns.length);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns.length; column += 1) values[column] = columns[column]![row]!;
      predictions[row] = this.#sum(values);
    }
    return predictions;
  }

  #sum(row: Float32Array): number {
    const firstChild = this.#firstChild;
    const feature = this.#feature;
    const numbers = this.#numbers;
    const roots = this.#roots;
    let sum = this.#baseScore;
    for (let tree = 0; tree < roots.length; tree += 1) {
      let at = roots[tree]!;
      let next = firstChild[at]!;
      while (next >= 0) {
        const look = feature[at]!;
        const value = row[look >> 1]!;
        if (value < numbers[at]!) at = next;
        else at = Number.isNaN(value) ? next + 1 - (look & 1) : next + 1;
        next = firstChild[at]!;
      }
      sum = Math.fround(sum + numbers[at]!);
    }
    return sum;
  }

  /** Breadth first, from place `root` on. Returns the first place after the tree. */
  #lay(tree: Tree, root: number): number {
    const nodes = [0];
    for (let laid = 0; laid < nodes.length; laid += 1) {
      const node = nodes[laid]!;
      const place = root + laid;
      if (tree.left[node]! < 0) {
        this.#numbers[place] = tree.value[node]!;
        continue;
      }
      this.#numbers[place] = tree.threshold[node]!;
      this.#feature[place] = 2 * tree.feature[node]! + tree.defaultLeft[node]!;
      this.#firstChild[place] = root + nodes.length;
      nodes.push(tree.left[node]!, tree.right[node]!);
    }
    return root + nodes.length;
  }
}
