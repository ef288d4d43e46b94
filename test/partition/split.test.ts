/**
 * Stages of hand-written models: what they hold, what crosses between them, and that ONNX Runtime computes the same with them.
 */
import anyTest, { type ExecutionContext } from 'ava';
import type { MeshError } from '../../mesh/error.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { checkPlan } from '../../partition/plan.ts';
import { modelEnds, type Split, type StageLayers, splitModel } from '../../partition/split.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { build, conv, floats, int64s, type ModelParts, node, subgraph, tensor, untyped } from './support/build.ts';
import { difference, runSplit, sampleInputs, stagesByNumber, wholeModel } from './support/run-split.ts';
import { Runtime } from './support/runtime.ts';

const test = anyTest;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

const [a, b, c, d] = [conv('A', 'x', 'a', [2, 4]), conv('B', 'a', 'b', [4, 4]), conv('C', 'a', 'c', [4, 4]), conv('D', 'j', 'y', [4, 2])];
const image = [tensor('x', [1, 2, 6, 6])];
const y = [untyped('y')];

/** A: 1, B: 2, C: 3, Add: 4, D: 5. */
const diamond: ModelParts = {
  nodes: [a.node, b.node, c.node, node('Add', ['b', 'c'], ['j']), d.node],
  inputs: image,
  outputs: y,
  initializers: [a, b, c, d].map((each) => each.weight),
};

const routes = (split: Split): string[] => split.routes.map(({ from, to, tensors }) => `${from} → ${to}: ${tensors.join(', ')}`);

async function equal(t: ExecutionContext, layered: LayeredGraph, stages: readonly StageLayers[]): Promise<Split> {
  const folder = await tempFolder(t);
  const split = splitModel(layered, stages);
  const codec = 'none' as const;
  checkPlan({
    epoch: 1n,
    stages: split.stages.map((stage) => ({ ...stage, device: 'd' })),
    routes: split.routes.map((route) => ({ ...route, codec })),
  });
  const feeds = sampleInputs(modelEnds(layered).inputs);
  const reference = await runSplit(runtime, wholeModel(layered), feeds, `${folder}/whole`);
  const apart = difference(reference, await runSplit(runtime, split, feeds, `${folder}/split`));
  t.true(apart <= 1e-6, `relative difference ${apart}`);
  return split;
}

const cutAt = (layered: LayeredGraph, ...cuts: string[]): readonly StageLayers[] => stagesByNumber(stagesOfCuts(layered, cuts));

test('what crosses a cut is every tensor with a reader on the other side, once', async (t) => {
  const layered = build(diamond);
  const split = await equal(t, layered, cutAt(layered, 'layer2'));
  t.deepEqual(routes(split), ['source → s1: x', 's1 → s2: a, b', 's2 → sink: y']);
});

test('four stages in a diamond', async (t) => {
  const stages = [
    { id: 'stem', layers: [1] },
    { id: 'left', layers: [2] },
    { id: 'right', layers: [3] },
    { id: 'head', layers: [4, 5] },
  ];
  const split = await equal(t, build(diamond), stages);
  t.deepEqual(routes(split), [
    'source → stem: x',
    'stem → left: a',
    'stem → right: a',
    'left → head: b',
    'right → head: c',
    'head → sink: y',
  ]);
  t.deepEqual(
    split.stages.map((stage) => stage.model.proto.graph!.initializer.map((each) => each.name)),
    [['A.w'], ['B.w'], ['C.w'], ['D.w']],
  );
});

test('stages may be given in any order', async (t) => {
  const layered = build(diamond);
  await equal(t, layered, [
    { id: 'end', layers: [5, 4] },
    { id: 'begin', layers: [3, 1, 2] },
  ]);
});

test('an input that is read late goes from the source straight to its stage', async (t) => {
  const layered = build({
    ...diamond,
    nodes: [a.node, b.node, node('Mul', ['b', 'scale'], ['m']), node('MatMul', ['m', 'z'], ['y'])],
    inputs: [...image, tensor('scale', [1]), tensor('z', [6, 3])],
  });
  const split = await equal(t, layered, cutAt(layered, 'layer1'));
  t.deepEqual(routes(split), ['source → s1: x', 'source → s2: scale, z', 's1 → s2: a', 's2 → sink: y']);
});

test('an output made early goes straight to the sink, and on to whoever reads it', async (t) => {
  const layered = build({ ...diamond, outputs: [untyped('y'), untyped('a')] });
  const split = await equal(t, layered, cutAt(layered, 'layer1', 'layer3'));
  t.deepEqual(routes(split), ['source → s1: x', 's1 → s2: a', 's2 → s3: b, c', 's3 → sink: y', 's1 → sink: a']);
});

test('a weight that several stages read is in each of them', async (t) => {
  const shared = { ...c.node, input: ['a', 'B.w'] };
  const layered = build({ ...diamond, nodes: [a.node, b.node, shared, node('Add', ['b', 'c'], ['j']), d.node] });
  const split = await equal(t, layered, cutAt(layered, 'layer2'));
  t.deepEqual(
    split.stages.map((stage) => stage.model.proto.graph!.initializer.map((each) => each.name).sort()),
    [
      ['A.w', 'B.w'],
      ['B.w', 'D.w'],
    ],
  );
});

test('constants and what is computed from them go wherever they are read', async (t) => {
  const nodes = [
    node('Constant', [], ['two'], { value: floats('', [1], () => 2) }),
    node('Sqrt', ['two'], ['root']),
    a.node,
    node('Mul', ['a', 'root'], ['am']),
    { ...b.node, input: ['am', 'B.w'] },
    node('Mul', ['b', 'root'], ['y']),
  ];
  const layered = build({ ...diamond, nodes });
  const split = await equal(t, layered, cutAt(layered, 'layer1'));
  t.deepEqual(routes(split), ['source → s1: x', 's1 → s2: am', 's2 → sink: y']);
});

test('an If takes what its branches read from outside along', async (t) => {
  const branch = (op: string, weight: string, out: string) => ({
    graph: subgraph({ nodes: [node(op, ['b', weight], [out])], inputs: [], outputs: [untyped(out)] }),
  });
  const choice = node('If', ['flag'], ['y'], { then_branch: branch('Add', 'bias', 't'), else_branch: branch('Mul', 'bias', 'e') });
  const layered = build({
    ...diamond,
    nodes: [a.node, b.node, choice],
    inputs: [...image, tensor('flag', [], 9)],
    initializers: [...diamond.initializers!, floats('bias', [1, 4, 1, 1])],
  });
  const split = await equal(t, layered, cutAt(layered, 'layer2'));
  t.deepEqual(routes(split), ['source → s1: x', 'source → s2: flag', 's1 → s2: b', 's2 → sink: y']);
  t.deepEqual(
    split.stages[1]!.model.proto.graph!.initializer.map((each) => each.name),
    ['bias'],
  );
});

test('a stage has the functions it calls, and no others', async (t) => {
  const common = {
    domain: 'mine',
    attribute: [],
    attributeProto: [],
    opsetImport: [{ domain: '', version: 17n }],
    valueInfo: [],
    metadataProps: [],
  };
  const functions = [
    { ...common, name: 'Inner', input: ['i'], output: ['o'], node: [node('Relu', ['i'], ['o'])] },
    {
      ...common,
      name: 'Outer',
      input: ['i'],
      output: ['o'],
      node: [node('Inner', ['i'], ['o'], { domain: 'mine' })],
      opsetImport: [...common.opsetImport, { domain: 'mine', version: 1n }],
    },
    { ...common, name: 'Other', input: ['i'], output: ['o'], node: [node('Abs', ['i'], ['o'])] },
  ];
  const nodes = [a.node, node('Outer', ['a'], ['f'], { domain: 'mine' }), node('Other', ['f'], ['y'], { domain: 'mine' })];
  const more = {
    functions,
    opsetImport: [
      { domain: '', version: 17n },
      { domain: 'mine', version: 1n },
    ],
  };
  const layered = build({ ...diamond, nodes, more });
  const split = await equal(t, layered, cutAt(layered, 'f-node'));
  t.deepEqual(
    split.stages.map((stage) => stage.model.proto.functions.map((each) => each.name)),
    [['Inner', 'Outer'], ['Other']],
  );
});

test('an output that is an input, and one that is a constant, come from the last stage', async (t) => {
  const layered = build({
    ...diamond,
    outputs: [untyped('y'), tensor('x', [1, 2, 6, 6]), tensor('k', [1])],
    initializers: [...diamond.initializers!, floats('k', [1])],
  });
  const split = await equal(t, layered, cutAt(layered, 'layer2'));
  t.deepEqual(routes(split), ['source → s1: x', 'source → s2: x', 's1 → s2: a, b', 's2 → sink: y, x, k']);
});

test('an initializer that is also an input is a weight, not something a frame brings', async (t) => {
  const layered = build({ ...diamond, inputs: [...image, tensor('B.w', [4, 4, 3, 3])] });
  const split = await equal(t, layered, cutAt(layered, 'layer1'));
  t.deepEqual(routes(split), ['source → s1: x', 's1 → s2: a', 's2 → sink: y']);
});

test('recurrent layers with states between them', async (t) => {
  const lstm = (name: string, from: string, [h, cell]: string[], to: string[]) =>
    node('LSTM', [from, `${name}.w`, `${name}.r`, '', '', h!, cell!], to, { name, hidden_size: 4 });
  const weights = ['l1', 'l2'].flatMap((name) => [floats(`${name}.w`, [1, 16, 4]), floats(`${name}.r`, [1, 16, 4])]);
  const layered = build({
    nodes: [
      lstm('l1', 'x', ['h0', 'c0'], ['s', 'h1', 'c1']),
      node('Squeeze', ['s', 'axis'], ['q']),
      lstm('l2', 'q', ['h1', 'c1'], ['', 'y']),
    ],
    inputs: [tensor('x', [5, 2, 4]), tensor('h0', [1, 2, 4]), tensor('c0', [1, 2, 4])],
    outputs: y,
    initializers: [...weights, int64s('axis', [1])],
  });
  const split = await equal(t, layered, cutAt(layered, 'layer1'));
  t.deepEqual(routes(split), ['source → s1: x, h0, c0', 's1 → s2: h1, c1, q', 's2 → sink: y']);
});

const wrong: readonly [string, readonly StageLayers[], RegExp][] = [
  [
    'wait for each other',
    [
      { id: 'p', layers: [1, 4, 5] },
      { id: 'q', layers: [2, 3] },
    ],
    /stages p \(1,4-5\), q \(2-3\) wait for each other/,
  ],
  [
    'leave one layer out',
    [
      { id: 'p', layers: [1, 2, 3] },
      { id: 'q', layers: [5] },
    ],
    /layer 4 is in no stage/,
  ],
  [
    'leave layers out',
    [
      { id: 'p', layers: [1, 2] },
      { id: 'q', layers: [4] },
    ],
    /layers 3,5 are in no stage/,
  ],
  [
    'share a layer',
    [
      { id: 'p', layers: [1, 2, 3] },
      { id: 'q', layers: [3, 4, 5] },
    ],
    /layer 3 is in stage p and in stage q/,
  ],
  ['have a layer the model has not', [{ id: 'p', layers: [1, 2, 3, 4, 5, 6] }], /stage p has layer 6: test has layers 1 to 5/],
  [
    'have no layers',
    [
      { id: 'p', layers: [1, 2, 3, 4, 5] },
      { id: 'q', layers: [] },
    ],
    /stage q has no layers/,
  ],
  [
    'have one name',
    [
      { id: 'p', layers: [1, 2, 3] },
      { id: 'p', layers: [4, 5] },
    ],
    /"p" can't be the name of a stage/,
  ],
  ['are called sink', [{ id: 'sink', layers: [1, 2, 3, 4, 5] }], /"sink" can't be the name of a stage/],
];
for (const [what, stages, message] of wrong) {
  test(`stages that ${what} are refused`, (t) => {
    const error = t.throws(() => splitModel(build(diamond), stages)) as MeshError;
    t.is(error.code, 'usage');
    t.regex(error.message, message);
  });
}

test('a stage that reads nothing of a frame is refused', (t) => {
  const nodes = [node('RandomNormal', [], ['r'], { shape: [1, 2, 6, 6] }), node('MatMul', ['x', 'r'], ['y'])];
  const layered = build({ nodes, inputs: image, outputs: y });
  t.regex(t.throws(() => splitModel(layered, cutAt(layered, 'layer1'))).message, /stage s1 \(layers 1\) reads nothing that a frame brings/);
});

test('a tensor of unknown type can be computed but not sent, and the error names it', (t) => {
  const nodes = [
    a.node,
    node('Mystery', ['a'], ['m'], { name: 'riddle', domain: 'nobody' }),
    { ...b.node, input: ['m', 'B.w'], output: ['y'] },
  ];
  const layered = build({ ...diamond, nodes, outputs: [tensor('y', [1, 4, 6, 6])] });
  t.notThrows(() => wholeModel(layered));
  const error = t.throws(() => splitModel(layered, cutAt(layered, 'layer2'))) as MeshError;
  t.is(error.code, 'unsupported');
  t.regex(error.message, /tensor "m" of node "riddle" \(nobody\.Mystery\) can't travel .* element type is not known/);
});
