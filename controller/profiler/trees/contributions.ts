/**
 * What each feature adds to a prediction: its Shapley value in the game where a feature that does not take part is replaced by what the training rows
 * that came to a node did there (path-dependent TreeSHAP: Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
 * trees", algorithm 2; what XGBoost's pred_contribs says).
 *
 *     prediction = base + contribution of feature 0 + contribution of feature 1 + …        base: the mean prediction of the training rows
 */
import { FeaturePath } from './feature-path.ts';
import { childOf, levelsOf, type Tree, type TreeEnsemble } from './tree.ts';

export class TreeExplainer {
  readonly #ensemble: TreeEnsemble;
  readonly #path: FeaturePath;
  /** What is predicted when nothing is known. */
  readonly base: number;

  constructor(ensemble: TreeEnsemble) {
    this.#ensemble = ensemble;
    const levels = ensemble.trees.reduce((most, tree) => Math.max(most, levelsOf(tree)), 0);
    this.#path = new FeaturePath(levels, ensemble.names.length);
    this.base = ensemble.trees.reduce((sum, tree) => sum + meanOf(tree), ensemble.baseScore);
  }

  /** Of a row, one number per feature, in the order of the ensemble's names. NaN: missing. */
  contributions(row: Float32Array | readonly number[]): Float64Array {
    const values = Float32Array.from(row);
    const sums = new Float64Array(values.length);
    for (const tree of this.#ensemble.trees) explain(tree, values, this.#path, sums);
    return sums;
  }
}

/** Mean over the rows the tree was learned from. */
function meanOf(tree: Tree): number {
  const means = Float64Array.from(tree.value);
  for (let node = means.length - 1; node >= 0; node -= 1) {
    const left = tree.left[node]!;
    if (left < 0) continue;
    means[node] = share(tree, node, left) * means[left]! + share(tree, node, tree.right[node]!) * means[tree.right[node]!]!;
  }
  return means[0]!;
}

/** Of the rows that came to a node, the part that went on to this child. */
function share({ cover }: Tree, node: number, child: number): number {
  return cover[node]! > 0 ? cover[child]! / cover[node]! : 0;
}

function explain(tree: Tree, row: Float32Array, path: FeaturePath, sums: Float64Array): void {
  const visit = (node: number, level: number): void => {
    if (tree.left[node]! < 0) {
      path.addTo(sums, level, tree.value[node]!);
      return;
    }
    const feature = tree.feature[node]!;
    const taken = childOf(tree, node, row[feature]!);
    const side = (child: number): void => {
      if (path.extend(level, feature, share(tree, node, child), child === taken ? 1 : 0)) visit(child, level + 1);
    };
    side(tree.left[node]!);
    side(tree.right[node]!);
  };
  visit(0, 0);
}
