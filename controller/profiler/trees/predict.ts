/**
 * Predictions: float32 sums in the order of the trees, which gives the same bits as XGBoost.
 *
 * To predict many rows, trees are laid out so that a step takes no branch that the processor would have to guess. Each value stands twice in the row:
 *
 *     row     2  2 │ ∞ -∞ │ 7  7 …        missing: ∞ for nodes where it goes right, -∞ where it goes left
 *
 *     node    first child · threshold · place in the row · value            next = first child + (row[place] ≥ threshold)
 *     leaf    itself      · NaN       · 0                · value            stays where it is
 *
 * and four trees are gone down together, as many steps as the deepest of them has, because each step has to wait for the one before it.
 */
import { MeshError } from '../../../mesh/error.ts';
import type { Table } from './table.ts';
import { childOf, levelsOf, type Tree, type TreeEnsemble } from './tree.ts';

/** Adds to each row's prediction the value of its leaf. */
export function addTree(tree: Tree, { columns, rows }: Table, predictions: Float32Array): void {
  for (let row = 0; row < rows; row += 1) {
    let at = 0;
    while (tree.left[at]! >= 0) at = childOf(tree, at, columns[tree.feature[at]!]![row]!);
    predictions[row]! += tree.value[at]!;
  }
}

/** Numbers per node, trees that are gone down together. */
const NODE = 4;
const TOGETHER = 4;

export class TreePredictor {
  readonly #names: readonly string[];
  readonly #baseScore: number;
  /** Of each tree, filled up to a multiple of four with trees that add nothing. */
  readonly #roots: Int32Array;
  /** Steps from the root to a leaf, at most: of each four trees. */
  readonly #steps: Int32Array;
  /** The nodes: first child and place in the row are whole numbers, threshold and value float32; all in the same memory. */
  readonly #whole: Int32Array;
  readonly #float: Float32Array;
  /** The row that is predicted, each value twice. */
  readonly #row: Float32Array;

  constructor({ names, baseScore, trees }: TreeEnsemble) {
    this.#names = names;
    this.#baseScore = baseScore;
    this.#row = new Float32Array(2 * names.length);
    const fours = Math.ceil(trees.length / TOGETHER);
    // The filling is one leaf, at place 0: its value changes no sum, not even one of -0.
    const nodes = trees.reduce((sum, tree) => sum + tree.left.length, 1);
    this.#whole = new Int32Array(NODE * nodes);
    this.#float = new Float32Array(this.#whole.buffer);
    this.#leaf(0, -0);
    this.#roots = new Int32Array(fours * TOGETHER);
    this.#steps = new Int32Array(fours);
    let used = NODE;
    for (const [number, tree] of trees.entries()) {
      this.#roots[number] = used;
      const four = Math.floor(number / TOGETHER);
      this.#steps[four] = Math.max(this.#steps[four]!, levelsOf(tree));
      this.#lay(tree, used);
      used += NODE * tree.left.length;
    }
  }

  /** Values in the order of the ensemble's names; NaN: missing. What is no float32 is rounded to one first. */
  predictRow(row: Float32Array | readonly number[]): number {
    if (row.length !== this.#names.length) {
      throw new MeshError('invalid', `a row of ${row.length} values, expected ${this.#names.length}: ${this.#names.join(', ')}`);
    }
    for (let column = 0; column < row.length; column += 1) this.#set(column, row[column]!);
    return this.#sum();
  }

  /** One prediction per row. Error `invalid` for a table of other columns. */
  predictTable({ names, columns, rows }: Table): Float32Array {
    if (names.length !== this.#names.length || names.some((name, at) => name !== this.#names[at])) {
      throw new MeshError('invalid', `a table of ${names.join(', ')}; these trees know ${this.#names.join(', ')}`);
    }
    const predictions = new Float32Array(rows);
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns.length; column += 1) this.#set(column, columns[column]![row]!);
      predictions[row] = this.#sum();
    }
    return predictions;
  }

  #set(column: number, value: number): void {
    const isMissing = Number.isNaN(value);
    this.#row[2 * column] = isMissing ? Number.POSITIVE_INFINITY : value;
    this.#row[2 * column + 1] = isMissing ? Number.NEGATIVE_INFINITY : value;
  }

  #sum(): number {
    const row = this.#row;
    const whole = this.#whole;
    const float = this.#float;
    const roots = this.#roots;
    let sum = this.#baseScore;
    for (let first = 0; first < roots.length; first += TOGETHER) {
      let a = roots[first]!;
      let b = roots[first + 1]!;
      let c = roots[first + 2]!;
      let d = roots[first + 3]!;
      for (let steps = this.#steps[first / TOGETHER]!; steps > 0; steps -= 1) {
        a = whole[a]! + NODE * Number(row[whole[a + 2]!]! >= float[a + 1]!);
        b = whole[b]! + NODE * Number(row[whole[b + 2]!]! >= float[b + 1]!);
        c = whole[c]! + NODE * Number(row[whole[c + 2]!]! >= float[c + 1]!);
        d = whole[d]! + NODE * Number(row[whole[d + 2]!]! >= float[d + 1]!);
      }
      sum = Math.fround(Math.fround(sum + float[a + 3]!) + float[b + 3]!);
      sum = Math.fround(Math.fround(sum + float[c + 3]!) + float[d + 3]!);
    }
    return sum;
  }

  /** Breadth first, children beside each other, from `root` on. */
  #lay(tree: Tree, root: number): void {
    const nodes = [0];
    for (const [laid, node] of nodes.entries()) {
      const place = root + NODE * laid;
      if (tree.left[node]! < 0) {
        this.#leaf(place, tree.value[node]!);
        continue;
      }
      this.#whole[place] = root + NODE * nodes.length;
      this.#float[place + 1] = tree.threshold[node]!;
      this.#whole[place + 2] = 2 * tree.feature[node]! + tree.defaultLeft[node]!;
      nodes.push(tree.left[node]!, tree.right[node]!);
    }
  }

  #leaf(place: number, value: number): void {
    this.#whole[place] = place;
    this.#float[place + 1] = Number.NaN;
    this.#float[place + 3] = value;
  }
}
