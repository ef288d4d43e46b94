/** How many trees of two ensembles are the same: shape, features, thresholds to the bit, default directions; leaf values within 10⁻⁶ of each other. */
import type { Tree, TreeEnsemble } from '../../controller/profiler/trees/tree.ts';

export function identicalTrees(ours: TreeEnsemble, theirs: TreeEnsemble): number {
  return ours.trees.filter((tree, at) => theirs.trees[at] !== undefined && areIdentical(tree, theirs.trees[at])).length;
}

/** Both number their nodes breadth first. */
function areIdentical(a: Tree, b: Tree): boolean {
  if (a.left.length !== b.left.length) return false;
  for (let node = 0; node < a.left.length; node += 1) {
    const sameShape = a.left[node] === b.left[node] && a.right[node] === b.right[node];
    const sameSplit =
      a.feature[node] === b.feature[node] && a.threshold[node] === b.threshold[node] && a.defaultLeft[node] === b.defaultLeft[node];
    const sameValue = Math.abs(a.value[node]! - b.value[node]!) <= 1e-6 * Math.abs(b.value[node]!);
    if (!(sameShape && sameSplit && sameValue)) return false;
  }
  return true;
}
