import test from 'ava';
import { orderOf } from '../../../controller/run/order-of.ts';
import { asPlanned } from '../../../controller/run/steering.ts';
import { flowOf, oneWay } from '../../../partition/flow/flow.ts';
import { aheadFrom, bytesOf, depthOfPlan, detourTo } from '../../../partition/flow/plan-shape.ts';
import type { Plan } from '../../../partition/plan.ts';
import { replicate } from '../../../partition/replicate.ts';
import { plainPlan } from '../support/random-plan.ts';

/** Each stage reads the one before; a number is a stage's shares. */
function chain(...shares: (readonly number[])[]): Plan {
  const plain = plainPlan({ stages: shares.map((_, index) => ({ reads: index === 0 ? [] : [index], shares: [1] })) });
  return shares.reduce((plan, each, index) => replicate(plan, `s${index}`, { devices: each.map(() => 'd'), shares: each }), plain);
}

test('without replicas a plan has one way', (t) => {
  const { ways, ...flow } = flowOf(chain([1], [1], [1]));
  const { ways: _, ...expected } = oneWay(3);
  t.deepEqual(flow, expected);
  t.is(ways(7n), 0);
});

const flows: readonly [string, Plan, { depth: number; ahead: number; probeFrames: number; probesAtOnce: number }][] = [
  ['the whole model on three devices: three frames at once', chain([1, 1, 1]), { depth: 3, ahead: 3, probeFrames: 6, probesAtOnce: 3 }],
  ['a stage on two devices between others', chain([1], [1, 1], [1]), { depth: 4, ahead: 1, probeFrames: 4, probesAtOnce: 1 }],
  ['shares 2:1: who has less is waited for longer', chain([2, 1]), { depth: 3, ahead: 3, probeFrames: 5, probesAtOnce: 1 }],
  ['two next to three', chain([1, 1], [1, 1, 1]), { depth: 5, ahead: 2, probeFrames: 6, probesAtOnce: 2 }],
  ['a share that hardly counts', chain([100, 1]), { depth: 16, ahead: 16, probeFrames: 16, probesAtOnce: 1 }],
];
for (const [what, plan, expected] of flows) {
  test(`the flow of ${what}`, (t) => {
    const { ways: _, ...flow } = flowOf(plan);
    t.deepEqual(flow, expected);
  });
}

test('frames that pass the same stages go the same way', (t) => {
  const { ways } = flowOf(chain([1, 1], [1, 1, 1]));
  const first = [0n, 1n, 2n, 3n, 4n, 5n].map(ways);
  t.is(new Set(first).size, 6);
  t.deepEqual([6n, 7n, 8n, 9n, 10n, 11n].map(ways), first);
});

test('a stage keeps room for frames that wait for a replica, before it and after it', (t) => {
  const plan = chain([1], [2, 1], [1]);
  // The frames of the one wait for those of the other, which has half as many.
  t.is(detourTo(plan, 's2'), 2);
  t.is(aheadFrom(plan, 's0'), 3);
  t.is(aheadFrom(plan, 's1-1'), 1);
  t.is(depthOfPlan(plan), 5);
  const models = new Map(
    ['s0', 's1', 's2'].map((id, index) => [id, { model: { sha256: Uint8Array.of(index), bytes: 1 }, externalData: {} }]),
  );
  const session = { intraOpThreads: 1, spinning: false, graphOptimization: 'all' } as const;
  const windows = plan.stages.map((stage) => {
    const order = orderOf({ run: 'r', session, weight: 100, codecs: asPlanned, speedProbe: undefined }, { plan, models }, stage);
    t.is(order.windowBytes, order.windowFrames * 2);
    return [stage.id, order.windowFrames, order.model.sha256[0], ...order.routes.map(({ to, turns }) => `${to} ${turns?.at ?? 'all'}`)];
  });
  t.deepEqual(windows, [
    ['s0', 5, 0, 's1-1 0,2', 's1-2 1'],
    ['s1-1', 3, 1, 's2 0,2'],
    ['s1-2', 3, 1, 's2 1'],
    ['s2', 5, 2, 'sink all'],
  ]);
});

test('a plan whose stages wait for each other is refused', (t) => {
  const plan = plainPlan({
    stages: [
      { reads: [], shares: [1] },
      { reads: [1], shares: [1] },
    ],
  });
  const [first, second] = plan.stages;
  const back = { from: second!.id, to: first!.id, tensors: [], codec: 'none' } as const;
  t.throws(() => flowOf({ ...plan, routes: [...plan.routes, back] }), { code: 'invalid', message: /wait for each other/ });
});

test('bytes of tensors, also of those whose shape is not known', (t) => {
  const spec = (dims: readonly number[]) => ({ name: 'x', dtype: 'float32', dims }) as const;
  t.is(bytesOf([spec([]), spec([3]), spec([2, 3, 4])]), 4 * (1 + 3 + 24));
  t.is(bytesOf([spec([-1, 3]), spec([3])]), 16 * 1024 * 1024 + 12);
});
