/**
 * Finds splits by trying every place between two values of every column: the exact greedy algorithm (Chen and Guestrin 2016, algorithms 1 and 3), in the
 * order XGBoost 1.7's column maker tries them, because of two splits that gain the same the first one stays.
 *
 *     column, sorted     1   2   2   5   7   ∅        of one node; ∅: missing
 *     backward           ◀───────────────────         missing go left; the only one where no value of the column is missing
 *     forward            ───────────────────▶         missing go right; first
 *
 * Columns are sorted once. Of a node, each has a slice like the one of its rows, which is divided with the node and stays sorted (as in SPRINT, Shafer
 * et al. 1996): finding splits reads memory in order, and nothing is looked up per row but its derivatives.
 */
import type { Gradients } from './gradients.ts';
import type { OpenNode, SplitFinder } from './grow.ts';
import type { Penalties } from './score.ts';
import { divideColumn, type SlicedColumn, scanColumn } from './sliced-column.ts';
import { type SortedColumn, sortColumns } from './sorted-columns.ts';
import type { BestSplit } from './split.ts';
import type { Table } from './table.ts';

/** Of a node, for each column of the tree: where its slice begins and ends. */
type Slices = readonly (readonly [number, number])[];

export class ExactFinder implements SplitFinder<Slices> {
  readonly #sorted: readonly SortedColumn[];
  /** Of columns where values are missing and the others are not all the same: only then both directions are tried. */
  readonly #forward: readonly boolean[];
  readonly #penalties: Penalties;
  readonly #spare: SortedColumn;
  #columns: readonly SlicedColumn[] = [];
  #pairs: Float32Array = new Float32Array();

  constructor(table: Table, penalties: Penalties) {
    this.#sorted = sortColumns(table);
    this.#forward = this.#sorted.map(({ values }) => values.length < table.rows && values[0] !== values.at(-1));
    this.#penalties = penalties;
    this.#spare = { rows: new Int32Array(table.rows), values: new Float32Array(table.rows) };
  }

  begin(rows: Int32Array, columns: readonly number[], gradients: Gradients): Slices {
    this.#pairs = gradients.pairs;
    const all = rows.length === gradients.rows;
    this.#columns = columns.map((index) => {
      const sorted = this.#sorted[index]!;
      const own = all ? { rows: sorted.rows.slice(), values: sorted.values.slice() } : chosen(sorted, rows, gradients.rows);
      return { index, forward: this.#forward[index]!, ...own };
    });
    return this.#columns.map((column) => [0, column.rows.length]);
  }

  find(node: OpenNode<Slices>, best: BestSplit): void {
    for (const [at, column] of this.#columns.entries()) {
      if (column.forward) scanColumn(column, node.own[at]!, 1, node, this.#pairs, this.#penalties, best);
      scanColumn(column, node.own[at]!, -1, node, this.#pairs, this.#penalties, best);
    }
  }

  divide(node: OpenNode<Slices>, _rows: Int32Array, _middle: number, goesLeft: Uint8Array): readonly [Slices, Slices] {
    const middles = this.#columns.map((column, at) => divideColumn(column, node.own[at]!, goesLeft, this.#spare));
    return [node.own.map(([start], at) => [start, middles[at]!]), node.own.map(([, end], at) => [middles[at]!, end])];
  }
}

/** Of a column, only these rows of `count`. */
function chosen({ rows, values }: SortedColumn, wanted: Int32Array, count: number): SortedColumn {
  const isWanted = new Uint8Array(count);
  for (const row of wanted) isWanted[row] = 1;
  return { rows: rows.filter((row) => isWanted[row] === 1), values: values.filter((_, at) => isWanted[rows[at]!] === 1) };
}
