/**
 * Grows one tree, level by level. How the best split of a node is found is the finder's business; what a node is, which rows it has and what its leaf
 * is worth is the same for all of them.
 *
 *     rows   │ 0 1 2 3 4 5 6 7 8 9 │          a node is a slice of this array; its rows keep their order when it is divided:
 *            │ 1 4 5 8 │ 0 2 3 6 7 9 │        float64 sums then come out as XGBoost's do, which adds in this order too
 */
import type { Gradients } from './gradients.ts';
import { GrowingTree } from './growing-tree.ts';
import type { TreeOptions } from './options.ts';
import { LEAST_GAIN, scoreOf, weightOf } from './score.ts';
import { BestSplit } from './split.ts';
import type { Table } from './table.ts';
import type { Tree } from './tree.ts';

/** A node that may still be split. `own`: what the finder needs to find its split. */
export interface OpenNode<Own> {
  readonly id: number;
  /** Its rows: from `start`, before `end`. */
  readonly start: number;
  readonly end: number;
  /** Sums of its rows' derivatives. */
  readonly g: number;
  readonly h: number;
  readonly score: number;
  readonly own: Own;
}

export interface SplitFinder<Own> {
  /** A new tree of these rows that may look at these columns. */
  begin(rows: Int32Array, columns: readonly number[], gradients: Gradients): Own;
  /** Sets `best`, which is clear, to the best split, if there is one. */
  find(node: OpenNode<Own>, best: BestSplit): void;
  /** The node was split: what its children need. `rows`: its slice, divided at `middle`; `goesLeft` of each row 1 or 0. */
  divide(node: OpenNode<Own>, rows: Int32Array, middle: number, goesLeft: Uint8Array): readonly [Own, Own];
}

export interface Soil {
  readonly table: Table;
  readonly gradients: Gradients;
  /** Ascending. Changed: divided as the tree is. */
  readonly rows: Int32Array;
  /** Ascending. */
  readonly columns: readonly number[];
  readonly options: TreeOptions;
}

export function growTree<Own>(finder: SplitFinder<Own>, { table, gradients, rows, columns, options }: Soil): Tree {
  const tree = new GrowingTree();
  const best = new BestSplit();
  const goesLeft = new Uint8Array(table.rows);
  const spare = new Int32Array(rows.length);

  function open(start: number, end: number, own: Own): OpenNode<Own> {
    let g = 0;
    let h = 0;
    for (let at = start; at < end; at += 1) {
      g += gradients.pairs[2 * rows[at]!]!;
      h += gradients.pairs[2 * rows[at]! + 1]!;
    }
    const id = tree.add(Math.fround(weightOf(g, h, options) * options.eta), h);
    return { id, start, end, g, h, score: scoreOf(g, h, options.lambda, options.alpha), own };
  }

  let level = [open(0, rows.length, finder.begin(rows, columns, gradients))];
  for (let depth = 1; depth <= options.depth; depth += 1) {
    const next: OpenNode<Own>[] = [];
    for (const node of level) {
      best.clear();
      finder.find(node, best);
      if (!(best.gain > LEAST_GAIN)) continue;
      markLeft(table.columns[best.feature]!, best, rows, node, goesLeft);
      const middle = divideRows(rows, node.start, node.end, goesLeft, spare);
      // What nobody will split needs no data of the finder: its parent's stands in.
      const [left, right] = depth < options.depth ? finder.divide(node, rows, middle, goesLeft) : [node.own, node.own];
      const children = [open(node.start, middle, left), open(middle, node.end, right)] as const;
      tree.split(node.id, best, children[0].id, children[1].id);
      next.push(...children);
    }
    level = next;
  }
  return tree.finish(options.gamma);
}

function markLeft(column: Float32Array, split: BestSplit, rows: Int32Array, node: OpenNode<unknown>, goesLeft: Uint8Array): void {
  const { threshold } = split;
  const missing = split.defaultLeft ? 1 : 0;
  for (let at = node.start; at < node.end; at += 1) {
    const row = rows[at]!;
    const value = column[row]!;
    if (Number.isNaN(value)) goesLeft[row] = missing;
    else goesLeft[row] = value < threshold ? 1 : 0;
  }
}

/** Those that go left before the others, both in the order they have. Returns where the others begin. */
function divideRows(rows: Int32Array, start: number, end: number, goesLeft: Uint8Array, spare: Int32Array): number {
  let left = start;
  let right = 0;
  for (let at = start; at < end; at += 1) {
    // Written to both places, and one of them counts: no branch that the processor would guess wrong half of the time.
    const row = rows[at]!;
    const goes = goesLeft[row]!;
    rows[left] = row;
    spare[right] = row;
    left += goes;
    right += 1 - goes;
  }
  for (let at = 0; at < right; at += 1) rows[left + at] = spare[at]!;
  return left;
}
