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
for (const [what, plan, message] of wrong) {
  test(`a plan with ${what} is refused`, (t) => {
    t.throws(() => checkPlan(plan), { message });
  });
}
