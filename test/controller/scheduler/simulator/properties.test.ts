/** Whatever the plan, the costs and the network: nothing is lost, doubled, too early or over its credit, and the same seed gives the same run. */
import test from 'ava';
import fc from 'fast-check';
import type { LinkSpec, Scenario } from '../../../../controller/scheduler/simulator/scenario.ts';
import { simulate } from '../../../../controller/scheduler/simulator/simulate.ts';
import { SINK, SOURCE } from '../../../../mesh/frame.ts';
import { carrier } from '../../../../mesh/turns.ts';
import { stageWindowOf } from '../../../../partition/flow/flow.ts';
import { checkPlan } from '../../../../partition/plan.ts';
import { planRecipes, replicatedPlan } from '../../../partition/support/random-plan.ts';
import { smallPlan } from './small-plans.ts';

const FRAMES = 40;
const DEVICES = ['d0', 'd1', 'd2'];
const ms = (max: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));

/** Stage i reads the source or some of the stages before it. */
const plans = fc
  .array(fc.record({ reads: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), device: fc.constantFrom(...DEVICES) }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((stages) =>
    smallPlan(
      stages.map(({ reads, device }, index) => ({
        id: `s${index}`,
        device,
        reads: [...new Set(reads.map((from) => (from % (index + 1) === index ? SOURCE : `s${from % (index + 1)}`)))],
      })),
      70_000,
    ),
  );

const quotas = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constant('ideal' as const), cores: fc.double({ min: 0.2, max: 1, noNaN: true }) }),
  fc.record({ kind: fc.constant('kernel' as const), cores: fc.double({ min: 0.2, max: 1, noNaN: true }) }),
);

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    plan: plans,
    computeMs: fc.array(fc.oneof(ms(20), fc.record({ samples: fc.array(ms(20), { minLength: 1, maxLength: 4 }) })), {
      minLength: 7,
      maxLength: 7,
    }),
    moveMs: fc.array(ms(3), { minLength: 3, maxLength: 3 }),
    cores: fc.array(fc.constantFrom(0.5, 1, 2, 4), { minLength: 3, maxLength: 3 }),
    quotas: fc.array(quotas, { minLength: 3, maxLength: 3 }),
    latencyMs: ms(15),
    jitterMs: ms(15),
    shared: fc.boolean(),
    bytesPerS: fc.constantFrom(5e5, 5e6, 5e7),
    window: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 20 })),
    arrivals: fc.constantFrom({ kind: 'closed' } as const, { kind: 'rate', fps: 40 } as const, { kind: 'poisson', fps: 40 } as const),
    seed: fc.nat(),
  })
  .map(({ plan, computeMs, moveMs, cores, quotas: limits, latencyMs, jitterMs, shared, bytesPerS, window, arrivals, seed }): Scenario => {
    const names = [...DEVICES, 'controller'];
    const links = names.flatMap((from) =>
      names
        .filter((to) => to !== from)
        .map((to): LinkSpec => ({ from, to, latencyMs, jitterMs, media: shared ? ['air'] : [`${from} out`, `${to} in`] })),
    );
    return {
      plan,
      devices: DEVICES.map((name, index) => ({
        name,
        cores: cores[index]!,
        ...(limits[index] === undefined ? {} : { quota: limits[index] }),
      })),
      stages: plan.stages.map(({ id }, index) => ({ stage: id, computeMs: computeMs[index]!, cores: 1 })),
      routes: plan.routes.map(({ from, to }, index) => ({ from, to, sendMs: moveMs[index % 3]!, receiveMs: moveMs[(index + 1) % 3]! })),
      media: [...(shared ? ['air'] : names.flatMap((name) => [`${name} out`, `${name} in`]))].map((name) => ({ name, bytesPerS })),
      links,
      prepareMs: moveMs[2]!,
      frames: FRAMES,
      window,
      arrivals,
      seed,
    };
  });

test('every frame arrives once, none before what it needs, no route holds more than its credit', (t) => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      checkPlan(scenario.plan);
      const windowOf = (stage: string): number => stageWindowOf(scenario.plan, stage);
      const { frames, stages, routes, devices, media, lost, loss, sent } = simulate(scenario);
      t.is(sent, FRAMES);
      t.is(lost, 0);
      t.is(loss, undefined);
      t.deepEqual(
        frames.map(({ frame }) => frame),
        Array.from({ length: FRAMES }, (_, frame) => BigInt(frame)),
      );
      for (const stage of stages) t.is(stage.frames, FRAMES);
      for (const { to, outstandingMax, frames: carried } of routes) {
        t.is(carried, FRAMES);
        t.true(to === SINK || outstandingMax <= windowOf(to), `${outstandingMax} frames under way to ${to}, credit ${windowOf(to)}`);
        if (scenario.window !== 'auto')
          t.true(outstandingMax <= scenario.window, `${outstandingMax} frames under way, window ${scenario.window}`);
      }
      // No path is shorter than the compute times on it: at least that of any stage, its shortest draw.
      const leastMs = Math.max(
        ...scenario.stages.map(({ computeMs }) => (typeof computeMs === 'number' ? computeMs : Math.min(...computeMs.samples))),
      );
      for (const { latencyMs } of frames) t.true(latencyMs >= leastMs - 1e-6, `${latencyMs} ms, at least ${leastMs}`);
      for (const { busyShare, throttledShare } of devices)
        t.true(busyShare <= 1 && throttledShare <= 1 && busyShare >= 0 && throttledShare >= 0);
      const crossing = new Set(scenario.plan.stages.map(({ device }) => device));
      t.true(media.every(({ bytes }) => bytes >= 0) && crossing.size > 0);
    }),
    { numRuns: 150 },
  );
});

test('with replicas, too, every frame arrives once and in order, and each stage gets its turns', (t) => {
  fc.assert(
    fc.property(
      planRecipes,
      fc.array(ms(20), { minLength: 15, maxLength: 15 }),
      fc.integer({ min: 1, max: 12 }),
      (recipe, computeMs, window) => {
        const plan = replicatedPlan(recipe);
        checkPlan(plan);
        const { frames, stages } = simulate({
          plan,
          devices: [...new Set(plan.stages.map(({ device }) => device))].map((name) => ({ name })),
          stages: plan.stages.map(({ id }, index) => ({ stage: id, computeMs: computeMs[index]! })),
          frames: FRAMES,
          window,
          arrivals: { kind: 'closed' },
          seed: 1,
        });
        t.is(frames.length, FRAMES);
        const arrivals = frames.map(({ startMs, latencyMs }) => startMs + latencyMs);
        for (const [index, atMs] of arrivals.entries()) if (index > 0) t.true(atMs >= arrivals[index - 1]! - 1e-6);
        for (const { id, frames: computed } of stages) {
          const turns = plan.routes.filter(({ to }) => to === id).map((route) => carrier(route.turns));
          t.is(
            computed,
            Array.from({ length: FRAMES }, (_, frame) => turns.some((carries) => carries(BigInt(frame)))).filter(Boolean).length,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('frames arrive in the order of their ids', (t) => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const arrivals = simulate(scenario).frames.map(({ startMs, latencyMs }) => startMs + latencyMs);
      for (const [index, atMs] of arrivals.entries()) if (index > 0) t.true(atMs >= arrivals[index - 1]! - 1e-6);
    }),
    { numRuns: 100 },
  );
});

test('CPU time is what was asked for, however it was shared out', (t) => {
  fc.assert(
    fc.property(scenarios, (drawn) => {
      const scenario = { ...drawn, stages: drawn.stages.map((stage) => ({ ...stage, computeMs: 3 })) };
      const { devices } = simulate(scenario);
      for (const { name, cpuMs } of devices) {
        const own = new Set(scenario.plan.stages.filter(({ device }) => device === name).map(({ id }) => id));
        const atController = (id: string): boolean => name === 'controller' && (id === SOURCE || id === SINK);
        const moving = scenario.routes!.reduce(
          (sum, { from, to, sendMs, receiveMs }) =>
            sum +
            (own.has(from) || atController(from) ? (sendMs as number) : 0) +
            (own.has(to) || atController(to) ? (receiveMs as number) : 0),
          name === 'controller' ? (scenario.prepareMs as number) : 0,
        );
        const expectedMs = FRAMES * (3 * own.size + moving);
        // What is under way when the last frame arrives is nothing: everything was asked for by then.
        t.true(Math.abs(cpuMs - expectedMs) < 1e-3, `${name} used ${cpuMs} ms, asked for ${expectedMs}`);
      }
    }),
    { numRuns: 100 },
  );
});

test('the same seed gives the same run', (t) => {
  fc.assert(
    fc.property(scenarios, (scenario) => {
      t.deepEqual(simulate(scenario), simulate(scenario));
    }),
    { numRuns: 50 },
  );
});
