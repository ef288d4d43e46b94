import test from 'ava';
import fc from 'fast-check';
import { SINK, SOURCE } from '../../mesh/frame.ts';
import { carrier } from '../../mesh/turns.ts';
import { checkPlan, type Plan, type Route } from '../../partition/plan.ts';
import { replicate } from '../../partition/replicate.ts';
import { plainPlan, planRecipes, replicatedPlan } from './support/random-plan.ts';

const chain = plainPlan({
  stages: [
    { reads: [], shares: [1] },
    { reads: [1], shares: [1] },
    { reads: [2], shares: [1] },
  ],
});
const shown = ({ from, to, turns }: Route): string => `${from}>${to}${turns === undefined ? '' : ` ${turns.of}:${turns.at.join()}`}`;

test('a stage on two devices with shares 2:1 becomes two stages whose routes carry their turns', (t) => {
  const plan = replicate(chain, 's1', { devices: ['pi1', 'pi2'], shares: [2, 1] });
  t.deepEqual(
    plan.stages.map(({ id, device, replicaOf }) => [id, device, replicaOf]),
    [
      ['s0', 'd', undefined],
      ['s1-1', 'pi1', 's1'],
      ['s1-2', 'pi2', 's1'],
      ['s2', 'd', undefined],
    ],
  );
  t.deepEqual(plan.routes.map(shown), ['source>s0', 's0>s1-1 3:0,2', 's0>s1-2 3:1', 's1-1>s2 3:0,2', 's1-2>s2 3:1', 's2>sink']);
  t.notThrows(() => checkPlan(plan));
});

test('between two devices and three next to them, a route carries the frames that both ends have', (t) => {
  const plan = replicate(replicate(chain, 's0', { devices: ['a', 'b'] }), 's1', { devices: ['c', 'd', 'e'] });
  t.deepEqual(plan.routes.filter(({ from, to }) => from.startsWith('s0') && to.startsWith('s1')).map(shown), [
    's0-1>s1-1 6:0',
    's0-1>s1-2 6:4',
    's0-1>s1-3 6:2',
    's0-2>s1-1 6:3',
    's0-2>s1-2 6:1',
    's0-2>s1-3 6:5',
  ]);
  t.notThrows(() => checkPlan(plan));
});

test('two stages of the same pattern next to each other are lanes: nothing crosses', (t) => {
  const plan = replicate(replicate(chain, 's0', { devices: ['a', 'b'] }), 's1', { devices: ['c', 'd'] });
  t.deepEqual(plan.routes.filter(({ from, to }) => from.startsWith('s0') && to.startsWith('s1')).map(shown), [
    's0-1>s1-1 2:0',
    's0-2>s1-2 2:1',
  ]);
});

test('a stage on one device is only placed', (t) => {
  const plan = replicate(chain, 's1', { devices: ['pi1'], shares: [5] });
  t.deepEqual(plan, { ...chain, stages: chain.stages.map((stage) => (stage.id === 's1' ? { ...stage, device: 'pi1' } : stage)) });
});

/** A stage without its replica number: what it was before. */
const origin = (id: string): string => id.replace(/-\d+$/, '');

test('in random DAGs with random shares every frame goes the way it went before, through one replica of each stage', (t) => {
  fc.assert(
    fc.property(planRecipes, (recipe) => {
      const plan = replicatedPlan(recipe);
      checkPlan(plan);
      const ways = plan.routes.map((route) => ({ route, carries: carrier(route.turns) }));
      const before = plainPlan(recipe)
        .routes.map(({ from, to }) => `${from}>${to}`)
        .sort();
      for (let frame = 0n; frame < 60n; frame += 1n) {
        const taken = ways.filter(({ carries }) => carries(frame)).map(({ route }) => route);
        t.deepEqual(taken.map(({ from, to }) => `${origin(from)}>${origin(to)}`).sort(), before);
        const passed = new Set(taken.flatMap(({ from, to }) => [from, to]).filter((id) => id !== SOURCE && id !== SINK));
        t.is(passed.size, recipe.stages.length, 'each stage once');
      }
    }),
  );
});

/** What breaks a plan in a way that `checkPlan` must see; undefined where it does not apply. */
const mutations: Record<string, (plan: Plan, route: Route, index: number) => Plan | undefined> = {
  'without a route': (plan, { to, turns }, index) =>
    // A model may have fewer outputs.
    to === SINK && turns === undefined ? undefined : { ...plan, routes: plan.routes.toSpliced(index, 1) },
  'with a route that carries every frame': (plan, { turns, ...route }, index) =>
    turns === undefined ? undefined : { ...plan, routes: plan.routes.with(index, route) },
  'with a frame that is not carried': (plan, route, index) => {
    const of = route.turns?.of ?? 2;
    const at = route.turns?.at ?? [0, 1];
    return at.length < 2 ? undefined : { ...plan, routes: plan.routes.with(index, { ...route, turns: { of, at: at.slice(1) } }) };
  },
  'with a frame that another route carries, too': (plan, route, index) => {
    if (route.turns === undefined) return undefined;
    const { of, at } = route.turns;
    const more = Array.from({ length: of }, (_, frame) => frame).find((frame) => !at.includes(frame))!;
    return { ...plan, routes: plan.routes.with(index, { ...route, turns: { of, at: [...at, more].sort((a, b) => a - b) } }) };
  },
  'with frames moved by one': (plan, route, index) => {
    if (route.turns === undefined) return undefined;
    const { of, at } = route.turns;
    const moved = at.map((each) => (each + 1) % of).sort((a, b) => a - b);
    return { ...plan, routes: plan.routes.with(index, { ...route, turns: { of, at: moved } }) };
  },
};
for (const [what, mutate] of Object.entries(mutations)) {
  test(`a replicated plan ${what} is refused`, (t) => {
    let tried = 0;
    fc.assert(
      fc.property(planRecipes, fc.nat(), (recipe, choice) => {
        const plan = replicatedPlan(recipe);
        const index = choice % plan.routes.length;
        const broken = mutate(plan, plan.routes[index]!, index);
        if (broken === undefined) return;
        tried += 1;
        t.throws(() => checkPlan(broken), { code: 'invalid' });
      }),
    );
    t.true(tried > 20, `${tried}`);
  });
}

test('what can not be replicated is said', (t) => {
  const twice = replicate(chain, 's1', { devices: ['a', 'b'] });
  const cases: readonly [() => unknown, RegExp][] = [
    [() => replicate(chain, 's9', { devices: ['a'] }), /there is no stage s9/],
    [() => replicate(chain, 's1', { devices: [] }), /s1 is to run on no device/],
    [() => replicate(chain, 's1', { devices: ['a', 'b'], shares: [1] }), /s1 has 1 shares for 2 devices/],
    [() => replicate(chain, 's1', { devices: ['a', 'b'], shares: [1, 0] }), /found 0/],
    [() => replicate(twice, 's1-1', { devices: ['a', 'b'] }), /s1-1 is a replica of s1/],
    [
      () => replicate(replicate(chain, 's0', { devices: ['a', 'b'], shares: [100, 1] }), 's1', { devices: ['a', 'b'], shares: [100, 3] }),
      /repeat only every 10403 frames/,
    ],
  ];
  for (const [work, message] of cases) t.throws(work, { code: 'invalid', message });
});
