/**
 * Boosted regression trees: a prediction is `baseScore` plus the value of one leaf of each tree.
 *
 *     node 0:  feature 2 < 0.5 ?  ──yes──▶ node 1: leaf 0.25
 *                                 ──no───▶ node 2: feature 0 < 7 ?  …
 *              missing: left if defaultLeft, else right
 */
export interface Tree {
  /** Node numbers; children come after their parent. -1: a leaf. All arrays have one entry per node, node 0 is the root. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Column that is compared; of leaves 0. */
  readonly feature: Int32Array;
  /** What is less goes left. Of leaves 0. */
  readonly threshold: Float32Array;
  /** 1: a missing value goes left. */
  readonly defaultLeft: Uint8Array;
  /** Of leaves: what is added to the prediction, shrinkage included. Of others 0. */
  readonly value: Float32Array;
  /** By how much the split lowers the loss (XGBoost's loss_chg). Of leaves 0. */
  readonly gain: Float32Array;
  /** Sum of the second derivatives of the rows that came here while it was learned: their number, if they all weigh 1. */
  readonly cover: Float32Array;
}

export interface TreeEnsemble {
  /** Of the features; a row has its values in this order. */
  readonly names: readonly string[];
  /** float32. */
  readonly baseScore: number;
  readonly trees: readonly Tree[];
}

/** A tree of so many nodes, all zero. */
export function emptyTree(nodes: number): Tree {
  return {
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    feature: new Int32Array(nodes),
    threshold: new Float32Array(nodes),
    defaultLeft: new Uint8Array(nodes),
    value: new Float32Array(nodes),
    gain: new Float32Array(nodes),
    cover: new Float32Array(nodes),
  };
}

/** Of a row that has `x` where node `at` looks: its next node. */
export function childOf(tree: Tree, at: number, x: number): number {
  const goesLeft = Number.isNaN(x) ? tree.defaultLeft[at] === 1 : x < tree.threshold[at]!;
  return goesLeft ? tree.left[at]! : tree.right[at]!;
}

/** Splits from the root to the lowest leaf. */
export function levelsOf({ left, right }: Tree): number {
  const levels = new Int32Array(left.length);
  for (const [node, child] of left.entries()) {
    if (child < 0) continue;
    levels[child] = levels[node]! + 1;
    levels[right[node]!] = levels[node]! + 1;
  }
  return levels.reduce((most, level) => Math.max(most, level), 0);
}
