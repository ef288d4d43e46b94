import test from 'ava';
import { makePlan } from '../../../controller/run/make-plan.ts';
import { namedDevices, placeStages } from '../../../controller/run/place.ts';
import { parseLayers, parsePlanFile } from '../../../controller/run/plan-file.ts';
import { MeshError } from '../../../mesh/error.ts';
import { depthOfPlan, detourTo, routesInto } from '../../../partition/flow/plan-shape.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { readModel } from '../../../partition/read-model.ts';
import { splitModel } from '../../../partition/split.ts';
import { tinyModel } from '../../fixtures/tiny-onnx.ts';

/** x is read at the top and at the bottom; b and c lie side by side. */
function diamondModel(): Uint8Array {
  const value = (name: string) => ({ name, type: 1, dims: [1, 4, 4] });
  const product = (left: string, right: string, output: string) => ({ op: 'MatMul', inputs: [left, right], outputs: [output] });
  const nodes = [
    product('x', 'x', 'p'),
    product('p', 'p', 'q'),
    product('p', 'x', 'r'),
    { op: 'Sum', inputs: ['q', 'r', 'x'], outputs: ['y'] },
  ];
  return tinyModel([value('x')], nodes, [value('y')]);
}

const layered = listLayers(buildGraph(readModel(diamondModel(), 'diamond')));
const stages = ['a', 'b', 'c', 'd'].map((id, index) => ({ id, layers: [index + 1] }));
const diamond = makePlan(splitModel(layered, stages), ['d1', 'd2', 'd3', 'd4'], 'lz4', 3n);

test('a split with devices is a plan', (t) => {
  t.is(diamond.epoch, 3n);
  t.deepEqual(
    diamond.stages.map(({ id, device, layers }) => `${id} ${device} ${layers}`),
    ['a d1 1', 'b d2 2', 'c d3 3', 'd d4 4'],
  );
  t.deepEqual(
    routesInto(diamond, 'd').map(({ from, codec }) => `${from} ${codec}`),
    ['source lz4', 'b lz4', 'c lz4'],
  );
});

test('depth and detours of a diamond', (t) => {
  t.is(depthOfPlan(diamond), 3);
  t.is(detourTo(diamond, 'd'), 2);
  t.is(detourTo(diamond, 'b'), 0);
});

const wrong = (what: string): MeshError => new MeshError('usage', what);

test('layer lists are read', (t) => {
  t.deepEqual(parseLayers('1-4, 7', 9, wrong), [1, 2, 3, 4, 7]);
  t.deepEqual(parseLayers('9,1', 9, wrong), [1, 9]);
  for (const text of ['', 'a', '0', '3-2', '9-10', '1-']) t.throws(() => parseLayers(text, 9, wrong), { code: 'usage' });
});

test('a plan file names stages, layers and devices', (t) => {
  const text = JSON.stringify({ stages: { stem: { layers: '1-2', device: 'pi1' }, tail: { layers: '3' } } });
  t.deepEqual(parsePlanFile(text, 'p.json', 3), [
    { id: 'stem', layers: [1, 2], device: 'pi1' },
    { id: 'tail', layers: [3], device: undefined },
  ]);
});

test('a plan file puts a stage on several devices, with shares or equally, and "all" layers are the whole model', (t) => {
  const stages = { a: { layers: '1-2', devices: ['pi1', 'pi2'], shares: [2, 1] }, b: { layers: '3', devices: ['pi3', 'pi3'] } };
  t.deepEqual(parsePlanFile(JSON.stringify({ stages }), 'p.json', 3), [
    { id: 'a', layers: [1, 2], device: undefined, replicas: { devices: ['pi1', 'pi2'], shares: [2, 1] } },
    { id: 'b', layers: [3], device: undefined, replicas: { devices: ['pi3', 'pi3'], shares: [1, 1] } },
  ]);
  t.deepEqual(parsePlanFile('{"stages": {"a": {"layers": "all", "devices": ["pi1"]}}}', 'p.json', 3), [
    { id: 'a', layers: [1, 2, 3], device: 'pi1' },
  ]);
});

test('a stage on several devices becomes replicas with names of their own', (t) => {
  const plan = makePlan(splitModel(layered, stages), ['d1', { devices: ['d2', 'd3'], shares: [1, 2] }, 'd4', 'd4'], 'none', 1n);
  t.deepEqual(
    plan.stages.map(({ id, device }) => `${id} ${device}`),
    ['a d1', 'b-1 d2', 'b-2 d3', 'c d4', 'd d4'],
  );
  t.deepEqual(
    routesInto(plan, 'd').map(({ from, turns }) => [from, turns?.at]),
    [
      ['source', undefined],
      ['b-1', [1]],
      ['b-2', [0, 2]],
      ['c', undefined],
    ],
  );
});

const badPlans: [string, string, RegExp][] = [
  ['no JSON', '{', /no JSON/],
  ['no stages', '{}', /"stages" is missing/],
  ['empty stages', '{"stages": {}}', /"stages" is missing or empty/],
  ['a stage called source', '{"stages": {"source": {"layers": "1"}}}', /"source" can't be the name/],
  ['a stage with a name that is none', '{"stages": {"a b": {"layers": "1"}}}', /"a b" can't be the name/],
  ['a stage without layers', '{"stages": {"a": {}}}', /stage "a" has no "layers"/],
  ['a layer out of range', '{"stages": {"a": {"layers": "1-9"}}}', /the model has layers 1 to 3/],
  ['devices that are no list', '{"stages": {"a": {"layers": "1", "devices": "pi1"}}}', /devices of stage "a" are no list/],
  ['an empty list of devices', '{"stages": {"a": {"layers": "1", "devices": []}}}', /devices of stage "a" are no list/],
  ['a device that is a number', '{"stages": {"a": {"layers": "1", "devices": ["pi1", 2]}}}', /devices of stage "a" are no list/],
  ['both kinds of devices', '{"stages": {"a": {"layers": "1", "device": "x", "devices": ["y"]}}}', /both "device" and "devices"/],
  ['shares of nothing', '{"stages": {"a": {"layers": "1", "shares": [1]}}}', /"shares" but no "devices"/],
  ['too few shares', '{"stages": {"a": {"layers": "1", "devices": ["x", "y"], "shares": [1]}}}', /no list of 2 numbers/],
  ['a share of 0', '{"stages": {"a": {"layers": "1", "devices": ["x", "y"], "shares": [1, 0]}}}', /stage "a": shares are whole/],
  [
    'a stage called like a replica',
    '{"stages": {"a": {"layers": "1", "devices": ["x", "y"]}, "a-2": {"layers": "2-3"}}}',
    /"a-2" has the name of a replica of stage "a"/,
  ],
  [
    'a name that leaves no room for the replica',
    JSON.stringify({ stages: { ['a'.repeat(63)]: { layers: '1', devices: ['x', 'y'] } } }),
    /too long for the name of a stage on several devices/,
  ],
  ['a device that is no text', '{"stages": {"a": {"layers": "1", "device": 3}}}', /device of stage "a"/],
];
for (const [title, text, message] of badPlans) {
  test(`a plan file with ${title} is refused, naming file and place`, (t) => {
    t.throws(() => parsePlanFile(text, 'p.json', 3), { message, code: 'usage' });
  });
}

test('stages are placed as --on says, as the plan file says, or one device each', (t) => {
  t.deepEqual(placeStages({ planned: [undefined, undefined], on: ['b', 'b'] }, []), ['b', 'b']);
  t.deepEqual(placeStages({ planned: [undefined, 'a', undefined], on: [] }, ['a', 'b', 'c']), ['b', 'a', 'c']);
  t.deepEqual(namedDevices({ planned: ['a', undefined, 'a'], on: [] }), ['a']);
});

test('too few devices and too many names are said', (t) => {
  t.throws(() => placeStages({ planned: [undefined, undefined], on: [] }, ['a']), {
    message: /2 stages need a device each, and 1 device is free/,
    code: 'usage',
  });
  t.throws(() => placeStages({ planned: ['a', undefined], on: [] }, ['a']), {
    message: /^1 stage needs a device, and 0 devices are free$/,
  });
  t.throws(() => namedDevices({ planned: [undefined], on: ['a', 'b'] }), { message: '--on names 2 devices for 1 stage', code: 'usage' });
});
