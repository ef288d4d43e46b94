/**
 * Boosted regression trees as an ONNX model of one operator of ai.onnx.ml, for whoever wants the predictions where ONNX is run:
 *
 *     features  float32 [rows, features], NaN: missing  ─▶  TreeEnsembleRegressor  ─▶  prediction  float32 [rows, 1]
 *
 * TreeEnsembleRegressor (version 3) lists all nodes, leaves among them. TreeEnsemble (version 5), which replaces it, keeps leaves apart and has no base
 * values: an Add follows. Both compare float32 with BRANCH_LT, as the trees do.
 */
import { ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../proto/gen/onnx/onnx.ts';
import type { Model } from './model.ts';
import { floats, int, ints, text, texts, vector } from './zoo/attributes.ts';

/** Arrays with one entry per node; node 0 is the root. */
export interface RegressionTree {
  /** Nodes; of a leaf -1. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  /** float32; what is less goes left. */
  readonly threshold: ArrayLike<number>;
  /** 1: so does what is missing. */
  readonly defaultLeft: ArrayLike<number>;
  /** Of leaves. */
  readonly value: ArrayLike<number>;
}

export interface RegressionTrees {
  readonly names: readonly string[];
  readonly baseScore: number;
  readonly trees: readonly RegressionTree[];
}

export type TreeOperator = 'TreeEnsembleRegressor' | 'TreeEnsemble';

const FLOAT = 1;
const UINT8 = 2;
const DOMAIN = 'ai.onnx.ml';
/** Of TreeEnsemble's modes and ways to add up. */
const BRANCH_LT = 1;
const SUM = 1;

export function treeEnsembleModel(trees: RegressionTrees, operator: TreeOperator = 'TreeEnsembleRegressor'): Model {
  const isOld = operator === 'TreeEnsembleRegressor';
  const proto = ModelProto.fromPartial({
    irVersion: isOld ? 8n : 10n,
    producerName: 'splitmesh',
    opsetImport: isOld
      ? [
          { domain: '', version: 17n },
          { domain: DOMAIN, version: 3n },
        ]
      : [
          { domain: '', version: 21n },
          { domain: DOMAIN, version: 5n },
        ],
    graph: {
      name: 'trees',
      docString: `features: ${trees.names.join(', ')}`,
      input: [matrix('features', trees.names.length)],
      output: [matrix('prediction', 1)],
      ...(isOld ? { node: [regressor(trees)] } : ensemble(trees)),
    },
  });
  return { name: 'trees', proto, payloads: new Map() };
}

function matrix(name: string, columns: number): ValueInfoProto {
  const dim = [{ value: { $case: 'dimParam' as const, value: 'rows' } }, { value: { $case: 'dimValue' as const, value: BigInt(columns) } }];
  return ValueInfoProto.fromPartial({ name, type: { value: { $case: 'tensorType', value: { elemType: FLOAT, shape: { dim } } } } });
}

interface Place {
  readonly tree: RegressionTree;
  readonly treeId: number;
  readonly node: number;
}

function placesOf(trees: readonly RegressionTree[]): readonly Place[] {
  return trees.flatMap((tree, treeId) => Array.from({ length: tree.left.length }, (_, node) => ({ tree, treeId, node })));
}

const isLeaf = ({ tree, node }: Place): boolean => tree.left[node]! < 0;

function regressor({ baseScore, trees }: RegressionTrees): NodeProto {
  const places = placesOf(trees);
  const leaves = places.filter(isLeaf);
  const inner = (read: (place: Place) => number): number[] => places.map((place) => (isLeaf(place) ? 0 : read(place)));
  return NodeProto.fromPartial({
    name: 'trees',
    domain: DOMAIN,
    opType: 'TreeEnsembleRegressor',
    input: ['features'],
    output: ['prediction'],
    attribute: [
      int('n_targets', 1),
      text('aggregate_function', 'SUM'),
      text('post_transform', 'NONE'),
      floats('base_values', [baseScore]),
      ints(
        'nodes_treeids',
        places.map(({ treeId }) => treeId),
      ),
      ints(
        'nodes_nodeids',
        places.map(({ node }) => node),
      ),
      texts(
        'nodes_modes',
        places.map((place) => (isLeaf(place) ? 'LEAF' : 'BRANCH_LT')),
      ),
      ints(
        'nodes_featureids',
        inner(({ tree, node }) => tree.feature[node]!),
      ),
      floats(
        'nodes_values',
        inner(({ tree, node }) => tree.threshold[node]!),
      ),
      ints(
        'nodes_truenodeids',
        inner(({ tree, node }) => tree.left[node]!),
      ),
      ints(
        'nodes_falsenodeids',
        inner(({ tree, node }) => tree.right[node]!),
      ),
      ints(
        'nodes_missing_value_tracks_true',
        inner(({ tree, node }) => tree.defaultLeft[node]!),
      ),
      ints(
        'target_treeids',
        leaves.map(({ treeId }) => treeId),
      ),
      ints(
        'target_nodeids',
        leaves.map(({ node }) => node),
      ),
      ints(
        'target_ids',
        leaves.map(() => 0),
      ),
      floats(
        'target_weights',
        leaves.map(({ tree, node }) => tree.value[node]!),
      ),
    ],
  });
}

/** A tree that is one leaf becomes a node with that leaf on both sides: roots are nodes here. */
function rooted(tree: RegressionTree): RegressionTree {
  if (tree.left[0]! >= 0) return tree;
  const value = tree.value[0]!;
  return {
    left: [1, -1, -1],
    right: [2, -1, -1],
    feature: [0, 0, 0],
    threshold: [0, 0, 0],
    defaultLeft: [0, 0, 0],
    value: [0, value, value],
  };
}

function ensemble({ baseScore, trees }: RegressionTrees): { readonly node: NodeProto[]; readonly initializer: TensorProto[] } {
  const places = placesOf(trees.map(rooted));
  const nodes = places.filter((place) => !isLeaf(place));
  const leaves = places.filter(isLeaf);
  // Where a node is among the nodes, a leaf among the leaves.
  const key = (treeId: number, node: number): string => `${treeId}/${node}`;
  const positions = new Map([nodes, leaves].flatMap((list) => list.map((place, at) => [key(place.treeId, place.node), at] as const)));
  const side = (name: 'left' | 'right'): { readonly ids: number[]; readonly leafs: number[] } => ({
    ids: nodes.map(({ tree, treeId, node }) => positions.get(key(treeId, tree[name][node]!))!),
    leafs: nodes.map(({ tree, treeId, node }) => (isLeaf({ tree, treeId, node: tree[name][node]! }) ? 1 : 0)),
  });
  const whenTrue = side('left');
  const whenFalse = side('right');
  const sum = NodeProto.fromPartial({
    name: 'trees',
    domain: DOMAIN,
    opType: 'TreeEnsemble',
    input: ['features'],
    output: ['sum'],
    attribute: [
      int('n_targets', 1),
      int('aggregate_function', SUM),
      int('post_transform', 0),
      ints(
        'tree_roots',
        nodes.flatMap(({ node }, at) => (node === 0 ? [at] : [])),
      ),
      vector('nodes_modes', UINT8, new Uint8Array(nodes.length).fill(BRANCH_LT)),
      ints(
        'nodes_featureids',
        nodes.map(({ tree, node }) => tree.feature[node]!),
      ),
      vector(
        'nodes_splits',
        FLOAT,
        Float32Array.from(nodes, ({ tree, node }) => tree.threshold[node]!),
      ),
      ints('nodes_truenodeids', whenTrue.ids),
      ints('nodes_trueleafs', whenTrue.leafs),
      ints('nodes_falsenodeids', whenFalse.ids),
      ints('nodes_falseleafs', whenFalse.leafs),
      ints(
        'nodes_missing_value_tracks_true',
        nodes.map(({ tree, node }) => tree.defaultLeft[node]!),
      ),
      ints(
        'leaf_targetids',
        leaves.map(() => 0),
      ),
      vector(
        'leaf_weights',
        FLOAT,
        Float32Array.from(leaves, ({ tree, node }) => tree.value[node]!),
      ),
    ],
  });
  const base = TensorProto.fromPartial({
    name: 'base',
    dims: [1n],
    dataType: FLOAT,
    rawData: Buffer.from(Float32Array.of(baseScore).buffer),
  });
  const add = NodeProto.fromPartial({ name: 'base', opType: 'Add', input: ['sum', 'base'], output: ['prediction'] });
  return { node: [sum, add], initializer: [base] };
}
