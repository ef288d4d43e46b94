/**
 * How nodes form layers. `L(…)` lists the layers as the names of their nodes' outputs.
 */
import test from 'ava';
import { buildGraph } from '../../partition/graph.ts';
import { type LayeredGraph, listLayers } from '../../partition/layers.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { build, conv, floats, int64s, node, tensor, untyped } from './support/build.ts';

const [c1, c2, c3] = [conv('c1', 'x', 'a', [4, 4]), conv('c2', 'b', 'c', [4, 4]), conv('c3', 'p', 'q', [4, 4])];
const image = [tensor('x', [1, 4, 8, 8])];
const y = [untyped('y')];
const half = floats('half', [], () => 0.5);

function L({ layers }: LayeredGraph): string[] {
  return layers.map((layer) => layer.nodes.flatMap((each) => each.outputs).join(' '));
}

test('ResNet-18 has 31 layers, and layer 12 is the join that ends a block', (t) => {
  const { layers } = listLayers(buildGraph(findZooModel('resnet')!.build(1)));
  t.is(layers.length, 31);
  t.deepEqual(
    [1, 2, 5, 12, 30, 31].map((number) => [
      layers[number - 1]!.name,
      [layers[number - 1]!.operator, ...layers[number - 1]!.folded].join('+'),
    ]),
    [
      ['conv1', 'Conv+BatchNormalization+Relu'],
      ['maxpool', 'MaxPool'],
      ['layer1.0.add', 'Add+Relu'],
      ['layer2.0.add', 'Add+Relu'],
      ['avgpool', 'GlobalAveragePool+Flatten'],
      ['fc', 'Gemm'],
    ],
  );
  t.deepEqual(layers[11]!.outputDims, [1, 128, 28, 28]);
  t.is(layers[11]!.cutBytes, 128 * 28 * 28 * 4);
  t.is(layers[9]!.cutBytes, (128 * 28 * 28 + 64 * 56 * 56) * 4, 'inside a block the shortcut crosses too');
  t.is(layers.at(-1)!.cutBytes, undefined);
});

test('an activation made of several nodes joins the layer it activates', (t) => {
  const nodes = [c1.node, node('Sigmoid', ['a'], ['s']), node('Mul', ['a', 's'], ['b']), c2.node, node('Add', ['c', 'b'], ['y'])];
  const layered = build({ nodes, inputs: image, outputs: y, initializers: [c1.weight, c2.weight] });
  t.deepEqual(L(layered), ['a s b', 'c', 'y']);
  t.is(layered.layers[0]!.cutBytes, 4 * 64 * 4, 'one tensor crosses');
});

test('a decomposed layer normalization joins what it normalizes', (t) => {
  const nodes = [
    node('MatMul', ['x', 'w'], ['a'], { name: 'm1' }),
    node('ReduceMean', ['a'], ['mean'], { axes: [-1] }),
    node('Sub', ['a', 'mean'], ['d']),
    node('Mul', ['d', 'd'], ['d2']),
    node('ReduceMean', ['d2'], ['var'], { axes: [-1] }),
    node('Sqrt', ['var'], ['std']),
    node('Div', ['d', 'std'], ['n']),
    node('MatMul', ['n', 'w'], ['y'], { name: 'm2' }),
  ];
  t.deepEqual(L(build({ nodes, inputs: [tensor('x', [2, 4])], outputs: y, initializers: [floats('w', [4, 4])] })), [
    'a mean d d2 var std n',
    'y',
  ]);
});

test('a normalization before a convolution goes with the convolution when its input is needed elsewhere', (t) => {
  const norm = ['g', 'h', 'm', 'v'].map((name) => floats(name, [4], () => 1));
  const nodes = [
    c1.node,
    node('BatchNormalization', ['a', 'g', 'h', 'm', 'v'], ['n']),
    node('Relu', ['n'], ['b']),
    c2.node,
    node('Add', ['c', 'a'], ['p']),
    c3.node,
    node('Relu', ['q'], ['y']),
  ];
  const layered = build({ nodes, inputs: image, outputs: y, initializers: [c1.weight, c2.weight, c3.weight, ...norm] });
  t.deepEqual(L(layered), ['a', 'n b c', 'p', 'q y']);
  t.deepEqual(layered.layers[1]!.outputs, ['c']);
});

test('what is done to an input belongs to the layer that reads it first', (t) => {
  const nodes = [node('Sub', ['x', 'half'], ['x1']), node('Div', ['x1', 'half'], ['b']), c2.node, node('Relu', ['c'], ['y'])];
  t.deepEqual(L(build({ nodes, inputs: image, outputs: y, initializers: [c2.weight, half] })), ['x1 b c y']);
});

test('a model of light operators only is one layer', (t) => {
  t.deepEqual(
    L(build({ nodes: [node('Relu', ['x'], ['a']), node('Mul', ['a', 'half'], ['y'])], inputs: image, outputs: y, initializers: [half] })),
    ['a y'],
  );
});

test('shape arithmetic makes no layers and joins nothing', (t) => {
  const nodes = [
    c1.node,
    node('Shape', ['a'], ['shape']),
    node('Gather', ['shape', 'zero'], ['n']),
    node('Concat', ['n', 'rest'], ['target'], { axis: 0 }),
    node('Reshape', ['a', 'target'], ['r']),
    node('MatMul', ['r', 'w'], ['y']),
  ];
  const initializers = [c1.weight, int64s('zero', [0]), int64s('rest', [256]), floats('w', [256, 3])];
  const layered = build({ nodes, inputs: [tensor('x', ['N', 4, 8, 8])], outputs: y, initializers }, { batch: 1 });
  t.deepEqual(L(layered), ['a shape n target r', 'y']);
  t.deepEqual(layered.layers[1]!.outputDims, [1, 3]);
});

test('an embedding is a layer, taking a part is not', (t) => {
  const nodes = [
    node('Gather', ['table', 'x'], ['e']),
    node('Gather', ['e', 'zero'], ['p'], { axis: 1 }),
    node('MatMul', ['p', 'w'], ['y']),
  ];
  const initializers = [floats('table', [10, 4]), int64s('zero', [0], []), floats('w', [4, 4])];
  t.deepEqual(L(build({ nodes, inputs: [tensor('x', [1, 6], 7)], outputs: y, initializers })), ['e p', 'y']);
});

test('a quantized model is cut where its tensors are small', (t) => {
  const nodes = [
    c1.node,
    node('QuantizeLinear', ['a', 's', 'z'], ['a8']),
    node('DequantizeLinear', ['a8', 's', 'z'], ['b']),
    node('QuantizeLinear', ['c2.w', 's'], ['w8']),
    node('DequantizeLinear', ['w8', 's'], ['w32']),
    node('Conv', ['b', 'w32'], ['y'], { pads: [1, 1, 1, 1] }),
  ];
  const zero = { ...int64s('z', []), dims: [], dataType: 2, rawData: Buffer.alloc(1) };
  const layered = build({ nodes, inputs: image, outputs: y, initializers: [c1.weight, c2.weight, floats('s', [], () => 0.1), zero] });
  t.deepEqual(L(layered), ['a a8', 'b y']);
  t.is(layered.layers[0]!.cutBytes, 4 * 64);
  t.is(layered.layerOf.filter((layer) => layer === 0).length, 2, 'weights are quantized where they are used');
});

test('what comes after the last layer stays in it, also with several outputs', (t) => {
  const nodes = [c1.node, node('Relu', ['a'], ['r']), node('Sigmoid', ['a'], ['s'])];
  t.deepEqual(L(build({ nodes, inputs: image, outputs: [untyped('r'), untyped('s'), untyped('a')], initializers: [c1.weight] })), [
    'a r s',
  ]);
});

test('nodes that no output needs are no layers', (t) => {
  const nodes = [c1.node, node('MatMul', ['a', 'a'], ['unused']), node('Relu', ['a'], ['y'])];
  t.deepEqual(L(build({ nodes, inputs: image, outputs: y, initializers: [c1.weight] })), ['a y']);
});

test('a file whose nodes are out of order has the same layers', (t) => {
  const nodes = [c1.node, node('Relu', ['a'], ['b']), c2.node, node('Relu', ['c'], ['y'])];
  const parts = { inputs: image, outputs: y, initializers: [c1.weight, c2.weight] };
  t.deepEqual(L(build({ ...parts, nodes: nodes.toReversed() })), L(build({ ...parts, nodes })));
});

test('multiply-accumulates follow from shapes', (t) => {
  const macsOf = (nodes: Parameters<typeof build>[0]['nodes'], dims: readonly number[], ...weights: (readonly number[])[]) => {
    const initializers = weights.map((weight, index) => floats(`w${index}`, weight));
    return build({ nodes, inputs: [tensor('x', dims)], outputs: y, initializers }).layers[0]!.macs;
  };
  t.is(macsOf([node('Conv', ['x', 'w0'], ['y'], { group: 2, dilations: [2, 2] })], [1, 4, 9, 9], [6, 2, 3, 3]), 6 * 25 * 2 * 9);
  t.is(macsOf([node('ConvTranspose', ['x', 'w0'], ['y'], { strides: [2, 2] })], [1, 4, 5, 5], [4, 6, 3, 3]), 4 * 25 * 6 * 9);
  t.is(macsOf([node('Gemm', ['x', 'w0'], ['y'], { transB: 1 })], [2, 7], [5, 7]), 2 * 7 * 5);
  t.is(macsOf([node('MatMul', ['x', 'w0'], ['y'])], [3, 2, 7], [7, 5]), 3 * 2 * 7 * 5);
  t.is(macsOf([node('Einsum', ['x', 'w0'], ['y'], { equation: 'ab,cb->ac' })], [2, 7], [5, 7]), 2 * 7 * 5);
  t.is(macsOf([node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2], strides: [2, 2] })], [1, 4, 8, 8]), 4 * 16 * 4);
  t.is(macsOf([node('LSTM', ['x', 'w0', 'w1'], ['y'], { hidden_size: 3 })], [6, 2, 4], [1, 12, 4], [1, 12, 3]), 6 * 2 * 12 * 7);
  t.is(macsOf([node('Unheard', ['x'], ['y'], { domain: 'of' })], [1]), undefined);
});

test('a weight that two layers share counts as parameters once and as weight twice', (t) => {
  const nodes = [node('MatMul', ['x', 'w'], ['a']), node('MatMul', ['a', 'w'], ['y'])];
  const { layers } = build({ nodes, inputs: [tensor('x', [2, 4])], outputs: y, initializers: [floats('w', [4, 4])] });
  t.deepEqual(
    layers.map((layer) => [layer.parameters, layer.weightBytes]),
    [
      [16, 64],
      [0, 64],
    ],
  );
});
