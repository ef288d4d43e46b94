/** The simulator's flow control is the runtime's: both must say the same of every plan and every measurement. */
import test from 'ava';
import fc from 'fast-check';
import { flowOf } from '../../../../controller/run/flow.ts';
import { aheadFrom, bytesOf, detourTo, planPeriod } from '../../../../controller/run/plan-shape.ts';
import * as runtime from '../../../../controller/run/window.ts';
import { autoWindow, flowControlOf, PROBE_FRAMES, tensorBytes } from '../../../../controller/scheduler/simulator/flow-control.ts';
import { plainPlan, planRecipes, replicatedPlan } from '../../../partition/support/random-plan.ts';
import { smallPlan } from './small-plans.ts';

test('depth, frames ahead, probes, ways and what a stage may hold, with replicas and without', (t) => {
  fc.assert(
    fc.property(planRecipes, fc.boolean(), (recipe, replicated) => {
      const plan = replicated ? replicatedPlan(recipe) : plainPlan(recipe);
      const { windowOf, ways, ...found } = flowControlOf(plan);
      const { ways: wayOf, ...flow } = flowOf(plan);
      t.deepEqual(found, flow);
      for (const [frame, way] of ways.entries()) t.is(way, wayOf(BigInt(frame)));
      t.is(ways.length, planPeriod(plan));
      for (const { id } of plan.stages) t.is(windowOf.get(id), runtime.stageWindow(detourTo(plan, id), aheadFrom(plan, id)));
    }),
    { numRuns: 300 },
  );
});

test('the automatic window', (t) => {
  t.is(PROBE_FRAMES, runtime.PROBE_FRAMES);
  const maybe = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), maybe(10_000), maybe(1000), (stages, baseLatencyMs, rateFps) => {
      t.is(autoWindow(stages, baseLatencyMs, rateFps), runtime.autoWindow({ stages, baseLatencyMs, rateFps }));
    }),
  );
});

test('bytes of tensors, also of those whose shape is not known', (t) => {
  for (const dims of [[], [3], [2, 3, 4], [-1, 3]]) {
    const spec = { name: 'x', dtype: 'float32', dims } as const;
    t.is(tensorBytes(spec), bytesOf([spec]));
  }
});

test('a plan whose stages wait for each other is refused', (t) => {
  const plan = smallPlan([
    { id: 'a', reads: ['b'] },
    { id: 'b', reads: ['a'] },
  ]);
  t.throws(() => flowControlOf(plan), { message: /a, b wait for each other/ });
});
