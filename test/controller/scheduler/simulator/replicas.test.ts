/** Routes that carry only some frames: copies of a stage take turns. */
import test from 'ava';
import { throughputOf } from '../../../../controller/report/run-report.ts';
import { simulate } from '../../../../controller/scheduler/simulator/simulate.ts';
import { SINK, SOURCE } from '../../../../mesh/frame.ts';
import type { Plan, Route } from '../../../../partition/plan.ts';
import { scenario, smallPlan } from './small-plans.ts';

/** source → head → one of the copies → tail → sink. `turns[i]`: which frames of how many copy i gets. */
function replicated(turns: readonly (readonly number[])[], of: number): Plan {
  const copies = turns.map((_, index) => `copy${index}`);
  const { stages, routes, epoch } = smallPlan([
    { id: 'head', reads: [SOURCE] },
    ...copies.map((id) => ({ id, reads: ['head'] })),
    { id: 'tail', reads: copies },
  ]);
  const taken = (route: Route): Route => {
    const index = copies.findIndex((id) => id === route.from || id === route.to);
    return index < 0 ? route : { ...route, turns: { of, at: turns[index]! } };
  };
  return { epoch, stages, routes: routes.map(taken) };
}

test('two copies of the slowest stage take turns, and the next stage is the slowest', (t) => {
  const { frames, stages } = simulate(scenario(replicated([[0], [1]], 2), [5, 20, 20, 8], { frames: 400 }));
  t.is(frames.length, 400);
  t.deepEqual(
    stages.map((stage) => stage.frames),
    [400, 200, 200, 400],
  );
  t.true(Math.abs(throughputOf(frames.slice(100, 301))! - 100) < 1e-6);
});

test('copies that get unequal shares are as fast as they allow together', (t) => {
  // The fast copy takes two of three frames: 12 ms each, the slow one 24 ms: one frame in 8 ms.
  const { frames, stages } = simulate(scenario(replicated([[0, 1], [2]], 3), [1, 12, 24, 1], { frames: 600, window: 12 }));
  t.deepEqual(
    stages.map((stage) => stage.frames),
    [600, 400, 200, 600],
  );
  t.true(Math.abs(throughputOf(frames.slice(-300))! - 125) < 1, `${throughputOf(frames.slice(-300))}`);
});

test('a frame that overtakes others waits for them where ways meet, and replicas do not wait for each other', (t) => {
  const whole = smallPlan([
    { id: 'slow', reads: [SOURCE] },
    { id: 'fast', reads: [SOURCE] },
  ]);
  const plan: Plan = {
    ...whole,
    routes: whole.routes.map((route): Route => {
      const at = route.from === 'slow' || route.to === 'slow' ? [0] : [1];
      return { ...route, turns: { of: 2, at } };
    }),
  };
  t.true(plan.routes.every((route) => route.turns !== undefined && (route.from === SOURCE || route.to === SINK)));
  const { frames, stages } = simulate(scenario(plan, [30, 10], { frames: 100, window: 4 }));
  t.is(frames.length, 100);
  const arrivals = frames.map(({ startMs, latencyMs }) => startMs + latencyMs);
  for (const [index, atMs] of arrivals.entries()) if (index > 0) t.true(atMs >= arrivals[index - 1]!);
  // Frame 1 was computed after 10 ms, and came out with frame 0.
  t.true(Math.abs(frames[1]!.latencyMs - 30) < 1e-6);
  t.true(stages[0]!.busyShare > 0.99);
});

test('the automatic window lets every copy work', (t) => {
  const plan = replicated([[0], [1], [2], [3]], 4);
  const { frames, stages } = simulate(scenario(plan, [1, 40, 40, 40, 40, 1], { frames: 400 }));
  t.true(Math.abs(throughputOf(frames.slice(100, 301))! - 100) < 1, `${throughputOf(frames.slice(100, 301))}`);
  for (const { id, busyShare } of stages) if (id.startsWith('copy')) t.true(busyShare > 0.9, `${id} ${busyShare}`);
});
