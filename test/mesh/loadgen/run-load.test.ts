import test from 'ava';
import fc from 'fast-check';
import { runLoad } from '../../../mesh/loadgen/run-load.ts';
import type { LoadProgress, LoadSettings, LoadTools, System } from '../../../mesh/loadgen/scenario.ts';
import { Random } from '../../../mesh/random.ts';

/** A system in virtual time: each call takes what `serviceMs` says. */
function virtual(serviceMs: (samples: number, call: number) => number, seed = 1) {
  let nowMs = 5_000;
  let calls = 0;
  const told: LoadProgress[] = [];
  const tools: LoadTools = {
    now: () => nowMs,
    waitUntil: (ms) => {
      nowMs = Math.max(nowMs, ms);
    },
    random: new Random(seed),
    progress: (done) => told.push(done),
  };
  const system: System = async (samples) => {
    nowMs += serviceMs(samples, calls);
    calls += 1;
  };
  return { tools, system, told };
}

const settings = (scenario: LoadSettings['scenario'], more: Partial<LoadSettings> = {}): LoadSettings => ({
  scenario,
  percentile: scenario.kind === 'single-stream' ? 0.9 : 0.99,
  durationMsMin: 100,
  queriesMin: 1,
  durationMsMax: 1e9,
  ...more,
});

test('single-stream: one after the other, until there are enough for the percentile', async (t) => {
  const { system, tools, told } = virtual(() => 2);
  const result = await runLoad(settings({ kind: 'single-stream' }), system, tools);
  t.is(result.queries, 64);
  t.is(result.samples, 64);
  t.is(result.durationMs, 128);
  t.is(result.samplesPerS, 500);
  t.is(result.estimateMs, 2);
  t.deepEqual(result.invalid, []);
  t.deepEqual(told.at(-1), { queries: 64, elapsedMs: 128 });
});

test('single-stream: the estimate is that of the slow ones when more than the percentile allows are slow', async (t) => {
  const { system, tools } = virtual((_, call) => (call % 5 === 0 ? 30 : 2));
  const { estimateMs } = await runLoad(settings({ kind: 'single-stream' }, { durationMsMin: 10_000 }), system, tools);
  t.is(estimateMs, 30);
});

test('multi-stream: eight samples in a query, p99 wants 662 of them', async (t) => {
  const { system, tools } = virtual((samples) => samples);
  const result = await runLoad(settings({ kind: 'multi-stream', samplesPerQuery: 8 }), system, tools);
  t.like(result, { queries: 662, samples: 8 * 662, durationMs: 8 * 662, samplesPerS: 1000, estimateMs: 8 });
});

test('offline: samples per second of all, in calls of as many as the system takes', async (t) => {
  const { system, tools } = virtual((samples) => samples / 4);
  const result = await runLoad(settings({ kind: 'offline', samplesPerCall: 16 }, { queriesMin: 1_000 }), system, tools);
  t.like(result, { samples: 1_008, durationMs: 252, samplesPerS: 4_000, estimateMs: undefined });
  t.deepEqual(result.invalid, []);
});

// A queue with Poisson arrivals and constant service (M/D/1): the mean wait is ρ ÷ (2 (1 − ρ)) services. (Pollaczek–Khinchine.)
for (const load of [0.3, 0.6, 0.8]) {
  test(`server: at a load of ${load} queries wait as queueing theory says`, async (t) => {
    const { system, tools } = virtual(() => 1, 7);
    const scenario = { kind: 'server', queriesPerS: 1000 * load, boundMs: 1e6 } as const;
    const result = await runLoad(settings(scenario, { durationMsMin: 400_000 / load }), system, tools);
    const meanMs = [...result.latencies].reduce((sum, ms) => sum + ms, 0) / result.queries;
    const expectedMs = 1 + load / (2 * (1 - load));
    t.true(Math.abs(meanMs / expectedMs - 1) < 0.02, `${meanMs} ms, expected ${expectedMs} ms`);
    t.true(Math.abs(result.queries / 400_000 - 1) < 0.01, `${result.queries} queries`);
    t.deepEqual(result.invalid, []);
  });
}

test('server: latency counts from when a query was due, however late it was issued', async (t) => {
  const { system, tools } = virtual((_, call) => (call === 0 ? 1_000 : 0));
  const result = await runLoad(
    settings({ kind: 'server', queriesPerS: 100, boundMs: 50 }, { durationMsMin: 1_000, durationMsMax: 1_100 }),
    system,
    tools,
  );
  const latencies = [...result.latencies];
  t.is(latencies[0], 1_000);
  t.true(latencies[1]! > 900 && latencies[1]! < 1_000, `${latencies[1]}`);
  t.true(result.overlatency! > 50);
  t.regex(result.invalid.join(), /queries took longer than 50 ms/);
});

test('server: a system that is too slow ends at the latest moment, and says how many were late', async (t) => {
  const { system, tools } = virtual(() => 2);
  const result = await runLoad(settings({ kind: 'server', queriesPerS: 1000, boundMs: 10 }, { durationMsMax: 5_000 }), system, tools);
  t.is(result.durationMs, 5_000);
  t.is(result.samplesPerS, 500);
  t.true(result.overlatency! > 0.9 * result.queries);
  t.is(result.invalid.length, 1);
});

test('server: queries that come too rarely do not make it last longer than it may', async (t) => {
  const { system, tools } = virtual(() => 1);
  const rare = settings({ kind: 'server', queriesPerS: 1e-4, boundMs: 10 }, { durationMsMax: 5_000 });
  const result = await runLoad(rare, system, tools);
  t.is(result.queries, 1);
  t.is(result.durationMs, 5_000);
  t.is(result.samplesPerS, 0.2);
  t.true(result.invalid.length > 0);
});

test('server: a few late ones make it run longer, until they are few enough among all', async (t) => {
  // Late in the first 10 of 10,000 queries: far less than 1 %, but too many of the first hundreds.
  const { system, tools } = virtual((_, call) => (call < 10 ? 20 : 0.1));
  const result = await runLoad(settings({ kind: 'server', queriesPerS: 0.1, boundMs: 5 }, { durationMsMin: 1_000 }), system, tools);
  t.is(result.overlatency, 10);
  // Of 10 late ones, by the binomial: P(at most 10 of n at 1 %) ≤ 1 % from 2,000 or so on.
  t.true(result.queries > 1_800 && result.queries < 2_300, `${result.queries}`);
  t.deepEqual(result.invalid, []);
});

test('what was too short or too few is said', async (t) => {
  const { system, tools } = virtual(() => 100);
  const short = await runLoad(settings({ kind: 'single-stream' }, { durationMsMin: 60_000, durationMsMax: 1_000 }), system, tools);
  t.deepEqual(short.invalid, ['it took 1000 ms of at least 60000 ms', '10 of at least 64 queries']);
  t.is(short.estimateMs, undefined);
});

test('the same seed gives the same arrivals, another one others', async (t) => {
  const latenciesOf = async (seed: number): Promise<number[]> => {
    const { system, tools } = virtual(() => 3, seed);
    return [...(await runLoad(settings({ kind: 'server', queriesPerS: 200, boundMs: 1e6 }), system, tools)).latencies];
  };
  t.deepEqual(await latenciesOf(1), await latenciesOf(1));
  t.notDeepEqual(await latenciesOf(1), await latenciesOf(2));
});

test('whatever a system does: it ends, every query is counted once, and a valid run keeps its rules', async (t) => {
  const scenario = fc.oneof(
    fc.constant({ kind: 'single-stream' } as const),
    fc.record({ kind: fc.constant('multi-stream' as const), samplesPerQuery: fc.integer({ min: 1, max: 16 }) }),
    fc.record({
      kind: fc.constant('server' as const),
      queriesPerS: fc.double({ min: 1, max: 2_000, noNaN: true }),
      boundMs: fc.double({ min: 0.1, max: 100, noNaN: true }),
    }),
    fc.record({ kind: fc.constant('offline' as const), samplesPerCall: fc.integer({ min: 1, max: 64 }) }),
  );
  const services = fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(scenario, services, fc.integer({ min: 1, max: 200 }), async (kind, times, queriesMin) => {
      let computed = 0;
      const { system, tools } = virtual((samples, call) => {
        computed += samples;
        return times[call % times.length]!;
      });
      const limits = settings(kind, { queriesMin, durationMsMin: 200, durationMsMax: 3_000 });
      const result = await runLoad(limits, system, tools);
      t.is(result.samples, computed);
      t.is(result.latencies.count, result.queries);
      t.true(result.durationMs < 3_000 + 50 + 16 * 50);
      if (result.invalid.length > 0) return;
      t.true(result.durationMs >= 200);
      t.true((kind.kind === 'offline' ? result.samples : result.queries) >= queriesMin);
      if (kind.kind === 'server') t.true(result.overlatency! <= 0.01 * result.queries);
      if (kind.kind !== 'offline') t.true(result.estimateMs !== undefined || kind.kind === 'server');
    }),
  );
});
