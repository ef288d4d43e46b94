/** What the gradient of a graph is as a graph: its outputs, what it leaves out, and what it refuses before anything runs. */
import test from 'ava';
import { gradient } from '../../../partition/gradient/gradient.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { readModel } from '../../../partition/read-model.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { floats, int64s, type ModelParts, modelBytes, node, tensor } from '../support/build.ts';
import { Runtime } from '../support/runtime.ts';
import { carrierOf } from './support/carry-out.ts';
import { filled } from './support/reference/tensor64.ts';

const graphOf = (parts: ModelParts) => buildGraph(readModel(modelBytes(parts), 'test'));

/** x [2, 3] ─ MatMul w [3, 2] ─ middle ─ ReduceSum ─ loss; `unused` stands beside. */
const parts = (...middle: readonly ReturnType<typeof node>[]): ModelParts => ({
  nodes: [node('MatMul', ['x', 'w'], ['a']), ...middle, node('ReduceSum', [middle.at(-1)?.output[0] ?? 'a'], ['loss'], { keepdims: 0 })],
  inputs: [tensor('x', [2, 3])],
  outputs: [tensor('loss', [])],
  initializers: [floats('w', [3, 2]), floats('unused', [4])],
});

test('a parameter gets a gradient of its own size, and it stays what it is', (t) => {
  const graph = graphOf(parts());
  const made = buildGraph(gradient(graph, 'loss', ['w', 'x']));
  t.deepEqual(made.outputs, ['loss', 'grad/w', 'grad/x']);
  t.deepEqual(made.inputs, graph.inputs);
  t.true(made.initializers.has('w'));
  t.deepEqual(graph.outputs, ['loss']);
});

test('a tensor that is read three times gets the sum of what its readers say', async (t) => {
  const graph = graphOf({
    nodes: [
      node('Mul', ['x', 'x'], ['square']),
      node('Mul', ['square', 'x'], ['cube']),
      node('Sum', ['cube', 'x', 'square'], ['y']),
      node('ReduceSum', ['y'], ['loss'], { keepdims: 0 }),
    ],
    inputs: [tensor('x', [3])],
    outputs: [tensor('loss', [])],
  });
  await using runtime = new Runtime();
  const run = await carrierOf({ runtime, folder: await tempFolder(t) }, gradient(graph, 'loss', ['x']));
  const { 'grad/x': slope } = await run({ x: filled([3], (index) => index - 1) }, ['grad/x']);
  t.deepEqual(
    [...slope!.data],
    [-1, 0, 1].map((x) => 3 * x * x + 1 + 2 * x),
  );
});

test('nothing is computed that no parameter needs', (t) => {
  const wide = graphOf({ ...parts(node('Mul', ['a', 'x2'], ['b'])), inputs: [tensor('x', [2, 3]), tensor('x2', [2, 2])] });
  const products = (parameters: readonly string[]) =>
    gradient(wide, 'loss', parameters).proto.graph!.node.filter(({ opType }) => opType === 'MatMul').length;
  t.is(products(['x2']), 1);
  t.is(products(['w']), 2);
  t.is(products(['w', 'x']), 3);
});

test('operators without a gradient are named before anything runs, unless they do not matter', (t) => {
  const chain = [node('CumSum', ['a', 'axis'], ['b'], { name: 'running' }), node('Floor', ['b'], ['c'], { name: 'down' })];
  const graph = graphOf({ ...parts(...chain), initializers: [floats('w', [3, 2]), int64s('axis', [0], [])] });
  t.throws(() => gradient(graph, 'loss', ['w']), {
    code: 'unsupported',
    message: 'test: there is no gradient of node "running" (CumSum), "down" (Floor)',
  });
  const before = graphOf({ ...parts(), nodes: [node('Floor', ['raw'], ['x']), ...parts().nodes], inputs: [tensor('raw', [2, 3])] });
  t.notThrows(() => gradient(before, 'loss', ['w']));
});

test('variants of an LSTM that have no gradient are named', (t) => {
  const lstm = graphOf({
    nodes: [
      node('LSTM', ['x', 'w', 'r'], ['y'], { name: 'lstm', hidden_size: 1, clip: { float: 3 }, layout: 1 }),
      node('ReduceSum', ['y'], ['loss'], { keepdims: 0 }),
    ],
    inputs: [tensor('x', [2, 1, 1])],
    outputs: [tensor('loss', [])],
    initializers: [floats('w', [1, 4, 1]), floats('r', [1, 4, 1])],
  });
  t.throws(() => gradient(lstm, 'loss', ['w']), { code: 'unsupported', message: /no gradient of node "lstm" \(LSTM\): clip, layout 1/ });
});

test('attributes without a gradient are named with their node', (t) => {
  const pool = graphOf({
    nodes: [
      node('AveragePool', ['x'], ['y'], { name: 'pool', kernel_shape: [2], strides: [2], ceil_mode: 1 }),
      node('ReduceSum', ['y'], ['loss'], { keepdims: 0 }),
    ],
    inputs: [tensor('x', [1, 1, 5])],
    outputs: [tensor('loss', [])],
  });
  t.throws(() => gradient(pool, 'loss', ['x']), {
    code: 'unsupported',
    message: 'test: no gradient of node "pool" (AveragePool): ceil_mode',
  });
});

test('a loss must be one number, and a parameter must be there and matter', (t) => {
  const graph = graphOf(parts(node('Relu', ['a'], ['b'])));
  t.throws(() => gradient(graph, 'b', ['w']), { code: 'invalid', message: /the loss "b" has 4 elements \[2,2\], expected one/ });
  t.throws(() => gradient(graph, 'los', ['w']), { code: 'invalid', message: /the loss "los" is not computed by the graph/ });
  t.throws(() => gradient(graph, 'loss', ['w', 'v']), { code: 'invalid', message: /there is no parameter "v"/ });
  t.throws(() => gradient(graph, 'loss', ['unused']), { code: 'invalid', message: /does not depend on parameter "unused"/ });
});

test('sizes that are not known, and operators of an old version, are refused', (t) => {
  const open = graphOf({ ...parts(), inputs: [tensor('x', ['N', 3])] });
  t.throws(() => gradient(open, 'loss', ['w']), {
    code: 'unsupported',
    message: /the size of tensor "(a|x)" is not known before it is computed/,
  });
  const old = graphOf({ ...parts(), opset: 13 });
  t.throws(() => gradient(old, 'loss', ['w']), { code: 'unsupported', message: /version 13 of the operators; training needs 16 or later/ });
});
