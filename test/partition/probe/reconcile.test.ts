import test from 'ava';
import type { TensorSpec } from '../../../mesh/tensor.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { inferFacts } from '../../../partition/infer/infer.ts';
import { listLayers } from '../../../partition/layers.ts';
import { type Reconciled, reconcile } from '../../../partition/probe/reconcile.ts';
import { readModel } from '../../../partition/read-model.ts';
import { int64s, type ModelParts, modelBytes, node, tensor, untyped } from '../support/build.ts';

function reconciled(parts: Pick<ModelParts, 'nodes' | 'inputs'> & Partial<ModelParts>, measured: readonly TensorSpec[]): Reconciled {
  const last = parts.nodes.at(-1)!.output[0]!;
  const graph = buildGraph(readModel(modelBytes({ outputs: [untyped(last)], ...parts }), 'm'));
  return reconcile(graph, inferFacts(graph), measured);
}

const spec = (name: string, dims: readonly number[], dtype: TensorSpec['dtype'] = 'float32'): TensorSpec => ({ name, dtype, dims });
/** An operator without a rule of static inference. */
const dft = (input: string, output: string) => node('DFT', [input], [output], { axis: 1 });

test('what static inference does not know is what the runtime saw', (t) => {
  const { known, disagreements } = reconciled({ nodes: [dft('x', 'y')], inputs: [tensor('x', [1, 16, 1])] }, [spec('y', [1, 16, 2])]);
  t.deepEqual(known.get('y'), { dtype: 1, dims: [1, 16, 2] });
  t.deepEqual(disagreements, []);
});

test('what depends on an open size of an input keeps its sizes open', (t) => {
  const { known } = reconciled({ nodes: [dft('x', 'y')], inputs: [tensor('x', [1, 'samples', 1])] }, [spec('y', [1, 1, 2])]);
  t.deepEqual(known.get('y'), { dtype: 1, dims: [-1, -1, -1] });
});

test('what depends on data keeps its sizes open, and so does what comes after it', (t) => {
  const nodes = [node('NonZero', ['x'], ['found']), node('Cast', ['found'], ['h'], { to: 1 }), dft('h', 'y')];
  const measured = [spec('found', [2, 0], 'int64'), spec('h', [2, 0]), spec('y', [2, 0])];
  const { known, disagreements } = reconciled({ nodes, inputs: [tensor('x', [3, 3])] }, measured);
  t.deepEqual(
    ['found', 'h', 'y'].map((name) => known.get(name)?.dims),
    [
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ],
  );
  t.deepEqual(disagreements, []);
});

test('a shape that is computed from data is not taken for a fact, one that is computed from constants is', (t) => {
  const inputs = [tensor('x', [4, 4]), tensor('shape', [2], 7)];
  const open = reconciled({ nodes: [node('Reshape', ['x', 'shape'], ['h']), dft('h', 'y')], inputs }, [
    spec('h', [1, 16]),
    spec('y', [1, 16]),
  ]);
  t.deepEqual(open.known.get('y')?.dims, [-1, -1]);
  const nodes = [node('Reshape', ['x', 'fixed'], ['h']), dft('h', 'y')];
  const settled = reconciled({ nodes, inputs: [inputs[0]!], initializers: [int64s('fixed', [2, 8])] }, [
    spec('h', [2, 8]),
    spec('y', [2, 8]),
  ]);
  t.deepEqual(settled.known.get('y')?.dims, [2, 8]);
});

const wrong: readonly [string, TensorSpec, RegExp][] = [
  ['size', spec('y', [1, 9]), /"y" of node "y-node" \(Relu\) should be float32\[1, 8\]; the runtime has float32\[1, 9\]/],
  ['number of dimensions', spec('y', [1, 8, 1]), /the runtime has float32\[1, 8, 1\]/],
  ['element type', spec('y', [1, 8], 'int64'), /the runtime has int64\[1, 8\]/],
];
for (const [what, measured, message] of wrong) {
  test(`a contradiction is named: ${what}`, (t) => {
    const { disagreements } = reconciled({ nodes: [node('Relu', ['x'], ['y'])], inputs: [tensor('x', [1, 8])] }, [measured]);
    t.is(disagreements.length, 1);
    t.regex(disagreements[0]!, message);
  });
}

test('what the runtime knows is used by layers, costs and inference behind it', (t) => {
  const nodes = [dft('x', 'h'), node('Relu', ['h'], ['r']), node('MatMul', ['r', 'r'], ['y'])];
  const parts = { nodes, inputs: [tensor('x', [1, 2, 1])], outputs: [untyped('y')] };
  const graph = buildGraph(readModel(modelBytes(parts), 'm'));
  const alone = listLayers(graph);
  t.is(alone.layers[0]!.cutBytes, undefined);
  const { known } = reconcile(graph, alone.facts, [spec('h', [1, 2, 2])]);
  const { layers, facts } = listLayers(graph, { known });
  t.deepEqual(facts.get('y')?.dims, [1, 2, 2]);
  t.is(layers[0]!.cutBytes, 16);
  t.is(layers.at(-1)!.macs, 8);
});
