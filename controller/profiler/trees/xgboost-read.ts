/**
 * Reads XGBoost's JSON model, of 1.x to 3.x: boosted trees of squared error with one output. The file may come from anywhere: what is missing, is of
 * another type, is out of its range or makes no tree is refused with its place, `learner.gradient_booster.model.trees[3].left_children[7]`.
 *
 * Nodes that XGBoost pruned stay in its files; here they are left out, and the others are numbered breadth first.
 */
import { MeshError } from '../../../mesh/error.ts';
import { JsonPlace } from './json-place.ts';
import { emptyTree, levelsOf, type Tree, type TreeEnsemble } from './tree.ts';

/** Far more than anybody trains to learn a device, and little enough for memory. */
const CHARACTERS_MAX = 2 ** 28;
const FEATURES_MAX = 2 ** 16;
const TREES_MAX = 100_000;
const NODES_MAX = 2 ** 21;
/** What goes down a tree may call itself as often. */
const LEVELS_MAX = 500;

/** Error `invalid`. */
export function fromXgboostJson(text: string): TreeEnsemble {
  const learner = new JsonPlace(parsed(text)).at('learner');
  const booster = learner.at('gradient_booster');
  booster.at('name').expect('gbtree');
  learner.at('objective').at('name').expect('reg:squarederror');
  const parameters = learner.at('learner_model_param');
  parameters.find('num_class')?.whole(0, 1);
  parameters.find('num_target')?.whole(0, 1);
  const features = parameters.at('num_feature').whole(1, FEATURES_MAX);
  const model = booster.at('model');
  const trees = model.at('trees').list(TREES_MAX);
  model.at('gbtree_model_param').at('num_trees').whole(trees.length, trees.length);
  model.at('tree_info').wholes(trees.length, 0, 0);
  return {
    names: namesOf(learner, features),
    baseScore: parameters.at('base_score').float(),
    trees: trees.map((tree) => readTree(tree, features)),
  };
}

function parsed(text: string): unknown {
  if (text.length > CHARACTERS_MAX)
    throw new MeshError('invalid', `a model of ${text.length} characters, expected at most ${CHARACTERS_MAX}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MeshError('invalid', `not the JSON of a model: ${MeshError.from(cause).message}`, {
      cause,
      hint: 'XGBoost writes JSON to a file whose name ends in .json',
    });
  }
}

/** A model that was trained without names has none. */
function namesOf(learner: JsonPlace, features: number): readonly string[] {
  const place = learner.find('feature_names');
  const names = place?.texts(features) ?? [];
  if (names.length === 0) return Array.from({ length: features }, (_, at) => `f${at}`);
  if (names.length !== features || new Set(names).size !== features) throw place!.refused(`${features} different names`);
  return names;
}

interface Columns {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly defaultLeft: Int32Array;
  readonly gain: Float32Array;
  readonly cover: Float32Array;
}

function readTree(place: JsonPlace, features: number): Tree {
  const size = place.at('tree_param').at('num_nodes').whole(1, NODES_MAX);
  place.at('tree_param').find('size_leaf_vector')?.whole(0, 1);
  const columns: Columns = {
    left: place.at('left_children').wholes(size, -1, size - 1),
    right: place.at('right_children').wholes(size, -1, size - 1),
    // Of pruned nodes it is 2³² - 1, as signed number -1.
    feature: place.at('split_indices').wholes(size, -1, 2 ** 32 - 1),
    threshold: place.at('split_conditions').floats(size),
    defaultLeft: place.at('default_left').wholes(size, 0, 1),
    gain: place.at('loss_changes').floats(size),
    cover: place.at('sum_hessian').floats(size),
  };
  // 1: a split by categories.
  place.find('split_type')?.wholes(size, 0, 0);
  return numbered(columns, reachable(columns, place), features, place);
}

/** Breadth first. Every node is reached from one parent at most, so that this is a tree and ends. */
function reachable({ left, right }: Columns, place: JsonPlace): readonly number[] {
  const seen = new Uint8Array(left.length);
  const nodes = [0];
  seen[0] = 1;
  // The list grows while it is gone through.
  for (const node of nodes) {
    if (left[node] === -1 && right[node] === -1) continue;
    for (const [name, children] of [['left_children', left] as const, ['right_children', right] as const]) {
      const child = children[node]!;
      if (child < 0 || seen[child] === 1) throw element(place, name, node).refused('a node that has no other parent, or -1 on both sides');
      seen[child] = 1;
      nodes.push(child);
    }
  }
  return nodes;
}

function numbered(from: Columns, nodes: readonly number[], features: number, place: JsonPlace): Tree {
  const tree = emptyTree(nodes.length);
  let used = 1;
  for (const [number, node] of nodes.entries()) {
    tree.cover[number] = from.cover[node]!;
    if (from.left[node]! < 0) {
      tree.left[number] = -1;
      tree.right[number] = -1;
      tree.value[number] = from.threshold[node]!;
      continue;
    }
    if (from.feature[node]! < 0 || from.feature[node]! >= features)
      throw element(place, 'split_indices', node).refused(`less than ${features}`);
    tree.left[number] = used;
    tree.right[number] = used + 1;
    used += 2;
    tree.feature[number] = from.feature[node]!;
    tree.threshold[number] = from.threshold[node]!;
    tree.defaultLeft[number] = from.defaultLeft[node]!;
    tree.gain[number] = from.gain[node]!;
  }
  if (levelsOf(tree) > LEVELS_MAX)
    throw new MeshError('invalid', `${place.path} has ${levelsOf(tree)} levels, expected at most ${LEVELS_MAX}`);
  return tree;
}

function element(place: JsonPlace, name: string, node: number): JsonPlace {
  return place.at(name).list(NODES_MAX)[node]!;
}
