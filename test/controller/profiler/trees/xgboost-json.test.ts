import test from 'ava';
import fc from 'fast-check';
import { fitTrees } from '../../../../controller/profiler/trees/fit.ts';
import { floatText } from '../../../../controller/profiler/trees/float-text.ts';
import { fromXgboostJson } from '../../../../controller/profiler/trees/xgboost-read.ts';
import { toXgboostJson } from '../../../../controller/profiler/trees/xgboost-write.ts';
import { MeshError } from '../../../../mesh/error.ts';
import { learnable, settings } from './random-table.ts';

test('floats are written with an exponent and as few digits as tell them from others', (t) => {
  t.deepEqual([0, 1, -0.5, 0.1, 16777217, 2 ** -149].map(floatText), ['0E+0', '1E+0', '-5E-1', '1E-1', '1.6777216E+7', '1.4013E-45']);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = floatText(value);
      t.is(Math.fround(Number(text)), Math.fround(value));
      t.regex(text, /^-?\d(\.\d{1,8})?E[+-]\d{1,2}$/);
    }),
  );
});

test('trees are the same after they were written and read', (t) => {
  fc.assert(
    fc.property(learnable, settings, ({ table, labels }, options) => {
      const ensemble = fitTrees(table, labels, options);
      t.deepEqual(fromXgboostJson(toXgboostJson(ensemble)), { ...ensemble, baseScore: Math.fround(ensemble.baseScore) });
    }),
  );
});

interface TreeJson {
  left_children: number[];
  right_children: number[];
  split_indices: number[];
  split_conditions: (number | string)[];
  default_left: (number | boolean)[];
  split_type: number[];
  sum_hessian: number[];
  tree_param: Record<string, string>;
}

interface ModelJson {
  learner: {
    feature_names: string[];
    objective: { name: string };
    learner_model_param: Record<string, string>;
    gradient_booster: { name: string; model: { gbtree_model_param: Record<string, string>; tree_info: number[]; trees: TreeJson[] } };
  };
}

const table = { names: ['x', 'y'], columns: [Float32Array.of(1, 2, 3, 4), Float32Array.of(4, 1, 3, 2)], rows: 4 };
const small = toXgboostJson(fitTrees(table, Float32Array.of(1, 5, 2, 9), { rounds: 2, depth: 2 }));

function changed(change: (model: ModelJson, tree: TreeJson) => void): string {
  const model = JSON.parse(small) as ModelJson;
  change(model, model.learner.gradient_booster.model.trees[1]!);
  return JSON.stringify(model);
}

const TREE = 'learner\\.gradient_booster\\.model\\.trees\\[1\\]';
const refusals: Readonly<Record<string, readonly [string, RegExp]>> = {
  'cut off': [small.slice(0, -40), /not the JSON of a model/],
  empty: ['', /not the JSON of a model/],
  'no object': ['[]', /^the document is \[\], expected an object/],
  'a linear booster': [
    changed(({ learner }) => Object.assign(learner.gradient_booster, { name: 'gblinear' })),
    /gradient_booster\.name is "gblinear", expected "gbtree"/,
  ],
  'trees with weights of their own': [changed(({ learner }) => Object.assign(learner.gradient_booster, { name: 'dart' })), /"dart"/],
  'another objective': [
    changed(({ learner }) => Object.assign(learner.objective, { name: 'reg:logistic' })),
    /learner\.objective\.name is "reg:logistic"/,
  ],
  classes: [
    changed(({ learner }) => Object.assign(learner.learner_model_param, { num_class: '3' })),
    /num_class is "3", expected a whole number from 0 to 1/,
  ],
  targets: [changed(({ learner }) => Object.assign(learner.learner_model_param, { num_target: '2' })), /num_target/],
  'two outputs': [changed(({ learner }) => learner.gradient_booster.model.tree_info.fill(1)), /tree_info\[0\] is 1/],
  'a tree too few': [
    changed(({ learner }) => learner.gradient_booster.model.trees.pop()),
    /num_trees is "2", expected a whole number from 1 to 1/,
  ],
  'no base score': [
    changed(({ learner }) => Reflect.deleteProperty(learner.learner_model_param, 'base_score')),
    /learner_model_param\.base_score is missing/,
  ],
  'a base score that is no number': [
    changed(({ learner }) => Object.assign(learner.learner_model_param, { base_score: '[1, 2]' })),
    /base_score is "\[1, 2\]"/,
  ],
  'a name twice': [
    changed(({ learner }) => Object.assign(learner, { feature_names: ['x', 'x'] })),
    /feature_names is .* expected 2 different names/,
  ],
  'names of other features': [changed(({ learner }) => Object.assign(learner, { feature_names: ['x'] })), /feature_names/],
  'a prototype': [changed(({ learner }) => Object.assign(learner, { gradient_booster: 7 })), /gradient_booster is 7, expected an object/],
  'a child that is not there': [changed((_, tree) => (tree.left_children[0] = 99)), new RegExp(`^${TREE}\\.left_children\\[0\\] is 99`)],
  'a cycle': [
    changed((_, tree) => (tree.left_children[1] = 0)),
    new RegExp(`^${TREE}\\.left_children\\[1\\] is 0, expected a node that has no other parent`),
  ],
  'one child only': [changed((_, tree) => (tree.right_children[0] = -1)), new RegExp(`${TREE}\\.right_children\\[0\\] is -1`)],
  'a node with two parents': [
    changed((_, tree) => (tree.right_children[0] = tree.left_children[0]!)),
    /right_children\[0\] is 1, expected a node/,
  ],
  'a feature that is not there': [
    changed((_, tree) => (tree.split_indices[0] = 2)),
    new RegExp(`^${TREE}\\.split_indices\\[0\\] is 2, expected less than 2`),
  ],
  'a threshold that is none': [
    changed((_, tree) => (tree.split_conditions[0] = '1')),
    new RegExp(`^${TREE}\\.split_conditions\\[0\\] is "1", expected a number`),
  ],
  'a threshold that is too large': [changed((_, tree) => (tree.split_conditions[0] = 1e39)), /expected a number that float32 can hold/],
  categories: [changed((_, tree) => (tree.split_type[0] = 1)), new RegExp(`^${TREE}\\.split_type\\[0\\] is 1`)],
  'a column too short': [changed((_, tree) => tree.sum_hessian.pop()), new RegExp(`^${TREE}\\.sum_hessian has \\d entries, expected \\d`)],
  'more nodes than anybody has': [
    changed((_, tree) => (tree.tree_param.num_nodes = '999999999999')),
    new RegExp(`^${TREE}\\.tree_param\\.num_nodes`),
  ],
  'no nodes': [changed((_, tree) => (tree.tree_param.num_nodes = '0')), /num_nodes is "0"/],
  'leaves that are vectors': [changed((_, tree) => (tree.tree_param.size_leaf_vector = '4')), /size_leaf_vector/],
};

for (const [what, [text, message]] of Object.entries(refusals)) {
  test(`refused: ${what}`, (t) => {
    t.throws(() => fromXgboostJson(text), { name: 'MeshError', code: 'invalid', message });
  });
}

test('what later versions write differently is read', (t) => {
  const wanted = fromXgboostJson(small);
  const later = changed(({ learner }, tree) => {
    learner.learner_model_param.base_score = '[5E-1]';
    Object.assign(learner.gradient_booster.model, { iteration_indptr: [0, 1, 2], cats: {} });
    for (const each of learner.gradient_booster.model.trees) each.default_left = each.default_left.map((left) => left === 1);
    tree.tree_param.size_leaf_vector = '1';
  });
  t.deepEqual(fromXgboostJson(later), wanted);
  const unnamed = changed(({ learner }) => Reflect.deleteProperty(learner, 'feature_names'));
  t.deepEqual(fromXgboostJson(unnamed), { ...wanted, names: ['f0', 'f1'] });
});

test('nodes that were pruned are left out', (t) => {
  const wanted = fromXgboostJson(small);
  const pruned = changed((_, tree) => {
    for (const [column, value] of Object.entries({
      left_children: -1,
      right_children: -1,
      split_indices: 2 ** 32 - 1,
      split_conditions: 0,
      default_left: 0,
      split_type: 0,
      sum_hessian: 0,
      parents: 0,
      loss_changes: 0,
      base_weights: 0,
    })) {
      (tree as unknown as Record<string, number[]>)[column]!.push(value);
    }
    tree.tree_param.num_nodes = String(tree.left_children.length);
    tree.tree_param.num_deleted = '1';
  });
  t.deepEqual(fromXgboostJson(pruned), wanted);
});

test('a document with a byte changed is read or refused, nothing else', (t) => {
  fc.assert(
    fc.property(fc.nat(small.length - 1), fc.constantFrom('0', '9', '-', '"', '}', ',', 'e', ' '), (at, character) => {
      try {
        fromXgboostJson(small.slice(0, at) + character + small.slice(at + 1));
      } catch (thrown) {
        t.true(thrown instanceof MeshError && thrown.code === 'invalid', String(thrown));
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('a tree that is one long chain is refused', (t) => {
  const levels = 501;
  const text = changed((_, tree) => {
    const nodes = 2 * levels + 1;
    // Node 2k splits into the leaf 2k + 1 and node 2k + 2.
    const split = (node: number): boolean => node % 2 === 0 && node < nodes - 1;
    const column = (value: (node: number) => number): number[] => Array.from({ length: nodes }, (_value, node) => value(node));
    Object.assign(tree, {
      left_children: column((node) => (split(node) ? node + 1 : -1)),
      right_children: column((node) => (split(node) ? node + 2 : -1)),
    });
    for (const name of ['split_indices', 'split_conditions', 'default_left', 'split_type', 'sum_hessian', 'loss_changes'] as const) {
      Object.assign(tree, { [name]: column(() => 0) });
    }
    tree.tree_param.num_nodes = String(nodes);
  });
  t.throws(() => fromXgboostJson(text), { code: 'invalid', message: new RegExp(`^${TREE} has 501 levels, expected at most 500`) });
});
