/** The simulator's flow control is the runtime's: both must say the same of every plan and every measurement. */
import test from 'ava';
import fc from 'fast-check';
import { bytesOf, depthOfPlan, detourTo } from '../../../../controller/run/plan-shape.ts';
import * as runtime from '../../../../controller/run/window.ts';
import { autoWindow, flowControlOf, PROBE_FRAMES, tensorBytes } from '../../../../controller/scheduler/simulator/flow-control.ts';
import { SOURCE } from '../../../../mesh/frame.ts';
import { smallPlan } from './small-plans.ts';

const plans = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }).map((stages) =>
  smallPlan(
    stages.map((reads, index) => ({
      id: `s${index}`,
      reads: [...new Set(reads.map((from) => (from % (index + 1) === index ? SOURCE : `s${from % (index + 1)}`)))],
    })),
  ),
);

test('depths and the frames that a stage may hold', (t) => {
  fc.assert(
    fc.property(plans, (plan) => {
      const { depth, windowOf } = flowControlOf(plan);
      t.is(depth, depthOfPlan(plan));
      for (const { id } of plan.stages) t.is(windowOf.get(id), runtime.stageWindow(detourTo(plan, id)));
    }),
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
