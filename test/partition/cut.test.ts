import test from 'ava';
import type { MeshError } from '../../mesh/error.ts';
import { nearSide, stagesOfCuts } from '../../partition/cut.ts';
import { buildGraph } from '../../partition/graph.ts';
import { formatLayers } from '../../partition/layer-ranges.ts';
import { listLayers } from '../../partition/layers.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { build, conv, floats, node, tensor, untyped } from './support/build.ts';

const resnet = listLayers(buildGraph(findZooModel('resnet')!.build(1)));

const stages = (...cuts: string[]): string[] => stagesOfCuts(resnet, cuts).map(formatLayers);

test('layerN cuts after layer N', (t) => {
  t.deepEqual(stages(), ['1-31']);
  t.deepEqual(stages('layer12'), ['1-12', '13-31']);
  t.deepEqual(stages('layer1', 'layer2', 'layer30'), ['1', '2', '3-30', '31']);
});

test('every layer but the last is a cut', (t) => {
  for (let layer = 1; layer < 31; layer++) t.is(stages(`layer${layer}`).length, 2);
});

test('the name of a node or of its tensor cuts after everything it needs, and after nothing more', (t) => {
  t.deepEqual(stages('layer2.0.add'), ['1-12', '13-31']);
  t.deepEqual(stages('layer2.0.add.out'), ['1-12', '13-31']);
  t.deepEqual(stages('layer2.0.downsample.0'), ['1-8,11', '9-10,12-31']);
  t.deepEqual(stages('layer2.0.bn1'), ['1-9', '10-31'], 'a node that is folded in stands for its whole layer');
});

const wrong: readonly [string, readonly string[], RegExp, RegExp][] = [
  ['a layer out of range', ['layer32'], /no layer 32: resnet18 has 31 layers/, /layer1 to layer30/],
  ['layer 0', ['layer0'], /no layer 0/, /layer1 to layer30/],
  ['the last layer', ['layer31'], /the stage after cut "layer31" has no layers/, /layer1 to layer30/],
  ['the last node', ['fc'], /the stage after cut "fc" has no layers/, /layer1 to layer30/],
  [
    'one place twice',
    ['layer12', 'layer2.0.add'],
    /the stage before cut "layer2.0.add" has no layers: it is the same cut as "layer12"/,
    /leave/,
  ],
  ['places that go back', ['layer12', 'layer5'], /cut "layer5" comes before cut "layer12": layers 6-12 are not/, /in the order/],
  ['an unknown name', ['layer2.0.ad'], /cut "layer2.0.ad" names no layer, node or tensor of resnet18/, /did you mean layer2\.0\.add/],
  ['the input', ['input'], /is an input of the model/, /./],
];
for (const [what, cuts, message, hint] of wrong) {
  test(`a cut at ${what} is refused`, (t) => {
    const error = t.throws(() => stagesOfCuts(resnet, cuts)) as MeshError;
    t.is(error.code, 'usage');
    t.regex(error.message, message);
    t.regex(error.hint!, hint);
  });
}

test('a name that several nodes have is refused with their tensors', (t) => {
  const [c1, c2] = [conv('c', 'x', 'a', [2, 2]), conv('c', 'a', 'y', [2, 2])];
  const layered = build({
    nodes: [c1.node, c2.node],
    inputs: [tensor('x', [1, 2, 4, 4])],
    outputs: [untyped('y')],
    initializers: [c1.weight],
  });
  const error = t.throws(() => nearSide(layered, 'c')) as MeshError;
  t.regex(error.hint!, /a, y/);
  t.deepEqual([...nearSide(layered, 'a')], [1]);
});

test('a model of one layer says that it can only be run whole', (t) => {
  const layered = build({
    nodes: [node('MatMul', ['x', 'w'], ['y'])],
    inputs: [tensor('x', [1, 2])],
    outputs: [untyped('y')],
    initializers: [floats('w', [2, 2])],
  });
  t.regex((t.throws(() => stagesOfCuts(layered, ['layer1'])) as MeshError).hint!, /only be run whole/);
});

test('a model that computes nothing says so', (t) => {
  const layered = build({ nodes: [], inputs: [tensor('x', [1])], outputs: [tensor('x', [1])] });
  t.regex(t.throws(() => stagesOfCuts(layered, [])).message, /test computes nothing from what a frame brings/);
});

test('layer numbers are written as ranges', (t) => {
  t.is(formatLayers([5, 1, 2, 3, 8, 9]), '1-3,5,8-9');
  t.is(formatLayers([]), '');
});
