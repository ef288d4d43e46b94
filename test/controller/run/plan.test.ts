import test from 'ava';
import { makePlan } from '../../../controller/run/make-plan.ts';
import { namedDevices, placeStages } from '../../../controller/run/place.ts';
import { formatLayers, parseLayers, parsePlanFile } from '../../../controller/run/plan-file.ts';
import { depthOfPlan, detourTo, routesInto } from '../../../controller/run/plan-shape.ts';
import { MeshError } from '../../../mesh/error.ts';

const spec = (name: string) => ({ name, dtype: 'float32', dims: [1, 4] }) as const;
const piece = (id: string, inputs: string[], outputs: string[]) => ({
  id,
  layers: '1',
  inputs: inputs.map(spec),
  outputs: outputs.map(spec),
});

const diamond = makePlan(
  [piece('a', ['x'], ['p', 'q']), piece('b', ['p'], ['r']), piece('c', ['q'], ['s']), piece('d', ['r', 's', 'x'], ['y'])],
  ['d1', 'd2', 'd3', 'd4'],
  { inputs: ['x'], outputs: ['y', 'r'] },
  'none',
  1n,
);

test('routes are read off the tensors: a diamond with a shortcut and an output in the middle', (t) => {
  const shown = diamond.routes.map(({ from, to, tensors }) => `${from}→${to}:${tensors.join('+')}`);
  t.deepEqual(shown, ['source→a:x', 'a→b:p', 'a→c:q', 'b→d:r', 'c→d:s', 'source→d:x', 'd→sink:y', 'b→sink:r']);
});

test('tensors that go the same way share a route, in the order the consumer takes them', (t) => {
  const plan = makePlan(
    [piece('a', ['x'], ['p', 'q']), piece('b', ['q', 'p'], ['y'])],
    ['m', 'n'],
    { inputs: ['x'], outputs: ['y'] },
    'auto',
    1n,
  );
  t.deepEqual(routesInto(plan, 'b'), [{ from: 'a', to: 'b', tensors: ['q', 'p'], codec: 'auto' }]);
});

test('a tensor that nobody makes is named', (t) => {
  t.throws(() => makePlan([piece('a', ['z'], ['y'])], ['m'], { inputs: ['x'], outputs: ['y'] }, 'none', 1n), {
    message: /"z", which a needs/,
  });
});

test('depth and detours of a diamond', (t) => {
  t.is(depthOfPlan(diamond), 3);
  t.is(detourTo(diamond, 'd'), 2);
  t.is(detourTo(diamond, 'b'), 0);
});

const wrong = (what: string): MeshError => new MeshError('usage', what);

test('layer lists are read and written', (t) => {
  t.deepEqual(parseLayers('1-4, 7', 9, wrong), [1, 2, 3, 4, 7]);
  t.deepEqual(parseLayers('9,1', 9, wrong), [1, 9]);
  t.is(formatLayers([1, 2, 3, 5, 7, 8]), '1-3,5,7-8');
  for (const text of ['', 'a', '0', '3-2', '9-10', '1-']) t.throws(() => parseLayers(text, 9, wrong), { code: 'usage' });
});

test('a plan file names stages, layers and devices', (t) => {
  const text = JSON.stringify({ stages: { stem: { layers: '1-2', device: 'pi1' }, tail: { layers: '3' } } });
  t.deepEqual(parsePlanFile(text, 'p.json', 3), [
    { id: 'stem', layers: [1, 2], device: 'pi1' },
    { id: 'tail', layers: [3], device: undefined },
  ]);
});

const badPlans: [string, string, RegExp][] = [
  ['no JSON', '{', /no JSON/],
  ['no stages', '{}', /"stages" is missing/],
  ['empty stages', '{"stages": {}}', /"stages" is missing or empty/],
  ['a stage called source', '{"stages": {"source": {"layers": "1"}}}', /"source" can't be the name/],
  ['a stage with a name that is none', '{"stages": {"a b": {"layers": "1"}}}', /"a b" can't be the name/],
  ['a stage without layers', '{"stages": {"a": {}}}', /stage "a" has no "layers"/],
  ['a layer out of range', '{"stages": {"a": {"layers": "1-9"}}}', /the model has layers 1 to 3/],
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
  });
  t.throws(() => namedDevices({ planned: [undefined], on: ['a', 'b'] }), { message: '--on names 2 devices for 1 stage', code: 'usage' });
});
