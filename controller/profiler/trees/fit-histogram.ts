/**
 * Finds splits between bins instead of values: of a node, derivatives are added up per column and bin in one go through its rows, and only as many
 * places as there are bins are tried. Of two children only the smaller one is added up, the other one is what is left of the parent (as LightGBM does,
 * Ke et al. 2017).
 *
 *     column      1  2  2  5 │ 7  9 │ 12 …          bins of about as many rows each; every value has its own if there are at most 256 of them
 *     bin                 0  │   1  │  2 …          the last bin is the one of missing values
 */
import { BINS_MAX, type BinnedColumn, binColumn } from './bins.ts';
import type { Gradients } from './gradients.ts';
import type { OpenNode, SplitFinder } from './grow.ts';
import { gainOf, type Penalties } from './score.ts';
import { sortColumns } from './sorted-columns.ts';
import type { BestSplit } from './split.ts';
import type { Table } from './table.ts';

/** First and second derivatives by column and bin: the pair of column c and bin b is at `2 · (c · STRIDE + b)`. */
type Histogram = Float64Array;

/** Bins, and one for what is missing. */
const STRIDE = BINS_MAX + 1;

export class HistogramFinder implements SplitFinder<Histogram> {
  readonly #binned: readonly BinnedColumn[];
  readonly #penalties: Penalties;
  #columns: readonly number[] = [];
  #pairs: Float32Array = new Float32Array();

  constructor(table: Table, penalties: Penalties) {
    this.#binned = sortColumns(table).map((sorted) => binColumn(sorted, table.rows));
    this.#penalties = penalties;
  }

  begin(rows: Int32Array, columns: readonly number[], gradients: Gradients): Histogram {
    this.#columns = columns;
    this.#pairs = gradients.pairs;
    return this.#count(rows, 0, rows.length);
  }

  find(node: OpenNode<Histogram>, best: BestSplit): void {
    for (const [at, index] of this.#columns.entries()) {
      const offset = 2 * at * STRIDE;
      const column = this.#binned[index]!;
      if (column.hasMissing) this.#scan(node, offset, index, 1, best);
      this.#scan(node, offset, index, -1, best);
    }
  }

  divide(node: OpenNode<Histogram>, rows: Int32Array, middle: number): readonly [Histogram, Histogram] {
    const leftIsSmaller = middle - node.start < node.end - middle;
    const smaller = leftIsSmaller ? this.#count(rows, node.start, middle) : this.#count(rows, middle, node.end);
    // Nobody reads the parent's again.
    const larger = node.own;
    for (let at = 0; at < larger.length; at += 1) larger[at]! -= smaller[at]!;
    return leftIsSmaller ? [smaller, larger] : [larger, smaller];
  }

  #count(rows: Int32Array, start: number, end: number): Histogram {
    const histogram = new Float64Array(2 * this.#columns.length * STRIDE);
    for (const [at, index] of this.#columns.entries()) {
      addUp(this.#binned[index]!.bins, rows, start, end, this.#pairs, histogram.subarray(2 * at * STRIDE, 2 * (at + 1) * STRIDE));
    }
    return histogram;
  }

  /** Step 1: from the smallest on, missing values go right; -1: from the largest on, left. */
  #scan(node: OpenNode<Histogram>, offset: number, index: number, step: 1 | -1, best: BestSplit): void {
    const { edges } = this.#binned[index]!;
    const { lambda, alpha, minChildWeight } = this.#penalties;
    const bins = edges.length - 1;
    let g = 0;
    let h = 0;
    for (let seen = 0; seen < bins; seen += 1) {
      const bin = step === 1 ? seen : bins - 1 - seen;
      g += node.own[offset + 2 * bin]!;
      h += node.own[offset + 2 * bin + 1]!;
      if (h < minChildWeight || node.h - h < minChildWeight || h === 0) continue;
      const gain = gainOf(g, h, node, lambda, alpha);
      if (gain > best.gain && gain !== Number.POSITIVE_INFINITY) best.set(gain, index, edges[step === 1 ? bin + 1 : bin]!, step === -1);
    }
  }
}

/** Adds the derivatives of rows to the pair of the bin each is in. */
function addUp(bins: Uint16Array, rows: Int32Array, start: number, end: number, pairs: Float32Array, sums: Float64Array): void {
  for (let at = start; at < end; at += 1) {
    const row = rows[at]!;
    const bin = 2 * bins[row]!;
    sums[bin]! += pairs[2 * row]!;
    sums[bin + 1]! += pairs[2 * row + 1]!;
  }
}
