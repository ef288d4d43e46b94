import test from 'ava';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { checkPlan, type Plan, type Route } from '../../partition/plan.ts';

const specs = (...names: string[]): TensorSpec[] => names.map((name) => ({ name, dtype: 'float32', dims: [1] }));
const route = (from: string, to: string, ...tensors: string[]): Route => ({ from, to, tensors, codec: 'none' });
const stage = (id: string, inputs: string[], outputs: string[]) => ({
  id,
  device: 'here',
  layers: '1',
  inputs: specs(...inputs),
  outputs: specs(...outputs),
});

const good: Plan = {
  epoch: 1n,
  stages: [stage('stem', ['x'], ['a']), stage('left', ['a'], ['b']), stage('head', ['a', 'b', 'z'], ['y'])],
  routes: [
    route('source', 'stem', 'x'),
    route('stem', 'left', 'a'),
    route('stem', 'head', 'a'),
    route('left', 'head', 'b'),
    route('source', 'head', 'z'),
    route('head', 'sink', 'y'),
  ],
};

test('a plan whose stages form a DAG and get all their inputs is good', (t) => {
  t.notThrows(() => checkPlan(good));
});

const without = (index: number, ...more: Route[]): Plan => ({
  ...good,
  routes: [...good.routes.filter((_, each) => each !== index), ...more],
});

const wrong: readonly [string, Plan, RegExp][] = [
  ['no stages', { ...good, stages: [] }, /it has no stages/],
  ['two stages of one id', { ...good, stages: [...good.stages, good.stages[0]!] }, /"stem" .* used twice/],
  ['a stage called source', { ...good, stages: [stage('source', ['x'], ['y'])] }, /"source" .* reserved/],
  ['an input without a route', without(3), /no route brings tensor "b" to stage head/],
  ['an input on two routes', without(4, route('left', 'head', 'z')), /carries "z", which left does not make/],
  ['a tensor twice on a route', without(3, route('left', 'head', 'b', 'b')), /"b" arrives at head twice/],
  ['a route from nowhere', without(0, route('ghost', 'stem', 'x')), /comes from "ghost"/],
  ['a route to nowhere', without(5, route('head', 'ghost', 'y')), /goes to "ghost"/],
  ['a route past all stages', without(5, route('source', 'sink', 'x')), /straight to the sink/],
  ['a tensor nobody reads', without(1, route('stem', 'left', 'a'), route('source', 'left', 'x')), /carries "x", which left does not read/],
  ['an empty route', without(5, route('head', 'sink')), /carries no tensors/],
  ['two routes between the same ends', without(-1, route('stem', 'left', 'a')), /two routes go from stem to left/],
  ['no results', without(5), /no route goes to the sink/],
  [
    'a cycle',
    {
      ...good,
      stages: [stage('p', ['x', 'b'], ['a']), stage('q', ['a'], ['b', 'y'])],
      routes: [route('source', 'p', 'x'), route('p', 'q', 'a'), route('q', 'p', 'b'), route('q', 'sink', 'y')],
    },
    /stages p, q wait for each other/,
  ],
  ['a stage without inputs', { ...good, stages: [...good.stages, stage('idle', [], ['i'])] }, /stage idle has no inputs/],
];
const halves = (...routes: (Route & { frames: number })[]): Plan => ({
  ...good,
  stages: [stage('p', ['x'], ['a']), stage('q', ['x'], ['a']), stage('end', ['a', 'x'], ['y'])],
  routes: routes.map(({ frames, ...each }) => (frames === 2 ? each : { ...each, turns: { of: 2, at: [frames] } })),
});
/** `frames`: 0 the even ones, 1 the odd ones, 2 all. */
const half = (from: string, to: string, tensor: string, frames: number) => ({ ...route(from, to, tensor), frames });
const taking = [half('source', 'p', 'x', 0), half('source', 'q', 'x', 1), half('p', 'end', 'a', 0), half('q', 'end', 'a', 1)];
const ends = [half('source', 'end', 'x', 2), half('end', 'sink', 'y', 2)];

test('a plan whose stages take turns is good', (t) => {
  t.notThrows(() => checkPlan(halves(...taking, ...ends)));
});

const wrongTurns: readonly [string, Plan, RegExp][] = [
  ['turns that make no sense', halves(...taking.with(0, half('source', 'p', 'x', 7)), ...ends), /the route from source to p .*7 is not/],
  [
    'a route with frames its stage does not get',
    halves(...taking.with(2, half('p', 'end', 'a', 2)), ...ends),
    /tensor "a" arrives at end twice in frame 1/,
  ],
  [
    'a stage that hands on what it does not get',
    halves(...taking.with(0, half('source', 'p', 'x', 1)), ...ends),
    /the route from p to end carries frame 0, which p does not get/,
  ],
  [
    'a frame of which an input is missing',
    halves(...taking.toSpliced(3, 1), ...ends),
    /stage end gets tensor "x" of frame 1, but no route brings it "a"/,
  ],
  [
    'inputs that do not agree on the frames',
    halves(...taking, half('source', 'end', 'x', 0), half('end', 'sink', 'y', 2)),
    /stage end gets tensor "a" of frame 1, but no route brings it "x"/,
  ],
  [
    'a stage that computes in vain',
    halves(...taking.with(0, half('source', 'p', 'x', 2)), ...ends),
    /stage p gets frame 1, but no route carries anything of it on/,
  ],
  [
    'a frame that never reaches the sink',
    { ...halves(...taking.slice(0, 1), half('p', 'sink', 'a', 0)), stages: [stage('p', ['x'], ['a'])] },
    /no route brings tensor "a" of frame 1 to the sink/,
  ],
];
for (const [what, plan, message] of [...wrong, ...wrongTurns]) {
  test(`a plan with ${what} is refused`, (t) => {
    t.throws(() => checkPlan(plan), { message });
  });
}
