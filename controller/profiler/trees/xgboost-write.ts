/**
 * Writes trees as XGBoost's JSON model (format of 1.7; every later version reads it): counts and single numbers are strings, floats have exponents
 * (float-text.ts), a leaf's value stands where others have their threshold.
 */
import { floatText } from './float-text.ts';
import type { Tree, TreeEnsemble } from './tree.ts';

/** XGBoost's parent of the root: the largest number of 31 bits. */
const NO_PARENT = 2 ** 31 - 1;

export function toXgboostJson({ names, baseScore, trees }: TreeEnsemble): string {
  const features = String(names.length);
  const model = object({
    gbtree_model_param: text({ num_parallel_tree: '1', num_trees: String(trees.length), size_leaf_vector: '0' }),
    tree_info: list(trees, () => '0'),
    trees: list(trees.entries(), ([id, tree]) => treeText(tree, id, features)),
  });
  const learner = object({
    attributes: '{}',
    feature_names: text(names),
    feature_types: text(names.map(() => 'float')),
    gradient_booster: object({ model, name: text('gbtree') }),
    learner_model_param: text({
      base_score: floatText(baseScore),
      boost_from_average: '1',
      num_class: '0',
      num_feature: features,
      num_target: '1',
    }),
    objective: text({ name: 'reg:squarederror', reg_loss_param: { scale_pos_weight: '1' } }),
  });
  return object({ learner, version: text([1, 7, 4]) });
}

function treeText(tree: Tree, id: number, features: string): string {
  const parents = new Int32Array(tree.left.length).fill(NO_PARENT);
  for (const children of [tree.left, tree.right]) {
    for (const [node, child] of children.entries()) if (child >= 0) parents[child] = node;
  }
  const whole = (values: Iterable<number>): string => list(values, String);
  const floats = (values: Iterable<number>): string => list(values, floatText);
  const none = text([]);
  return object({
    // What an inner node would be worth as a leaf is not kept, and nobody who predicts asks for it.
    base_weights: floats(tree.value),
    ...{ categories: none, categories_nodes: none, categories_segments: none, categories_sizes: none },
    default_left: whole(tree.defaultLeft),
    id: String(id),
    left_children: whole(tree.left),
    loss_changes: floats(tree.gain),
    parents: whole(parents),
    right_children: whole(tree.right),
    split_conditions: floats(tree.threshold.map((threshold, node) => (tree.left[node]! < 0 ? tree.value[node]! : threshold))),
    split_indices: whole(tree.feature),
    split_type: list(tree.left, () => '0'),
    sum_hessian: floats(tree.cover),
    tree_param: text({ num_deleted: '0', num_feature: features, num_nodes: String(tree.left.length), size_leaf_vector: '0' }),
  });
}

const text = (value: unknown): string => JSON.stringify(value);

/** Of values that are JSON already. */
function object(values: Readonly<Record<string, string>>): string {
  return `{${Object.entries(values)
    .map(([key, value]) => `${text(key)}:${value}`)
    .join(',')}}`;
}

function list<T>(values: Iterable<T>, write: (value: T) => string): string {
  return `[${Array.from(values, write).join(',')}]`;
}
