import test from 'ava';
import { measure } from '../../../../agent/stage/bench/measure.ts';
import type { Samples } from '../../../../agent/stage/session/samples.ts';
import type { LoadSettings } from '../../../../mesh/loadgen/scenario.ts';

/** A session that takes `callMs` of virtual time for each call. */
function measured(settings: LoadSettings, { callMs = 5, batch = 1, feeds = 3, findPeak = false } = {}) {
  let nowMs = 0;
  const calls: number[] = [];
  const phases: string[] = [];
  const samples = { feeds: Array.from({ length: feeds }, () => ({})), batch } as Samples;
  const figures = measure({
    ...{ settings, findPeak, seed: 7, samples, sessionMs: 40 },
    compute: async (index) => {
      calls.push(index);
      nowMs += calls.length === 1 ? 10 * callMs : callMs;
    },
    now: () => nowMs,
    waitUntil: async (ms) => {
      nowMs = Math.max(nowMs, ms);
    },
    onPhase: (name) => phases.push(name),
    onProgress: () => {},
  });
  return { figures, calls, phases };
}

const base: Omit<LoadSettings, 'scenario'> = { percentile: 0.9, durationMsMin: 1000, queriesMin: 1, durationMsMax: 60_000 };

test('single-stream: the first computation and the warm-up are told apart from what is measured; samples take turns', async (t) => {
  const { figures, calls, phases } = measured({ ...base, scenario: { kind: 'single-stream' } });
  const { firstMs, warmUp, sessionMs, queries, latencyMs, estimateMs, invalid, batch, sampleCount } = await figures;
  t.deepEqual({ firstMs, sessionMs, batch, sampleCount }, { firstMs: 50, sessionMs: 40, batch: 1, sampleCount: 3 });
  t.true(warmUp.steady);
  t.is(queries, 200);
  t.is(latencyMs!.percentiles[50], 5);
  t.is(estimateMs, 5);
  t.deepEqual(invalid, []);
  t.deepEqual(calls.slice(0, 5), [0, 1, 2, 0, 1]);
  t.deepEqual(phases, ['warm-up', 'measure']);
});

test('a query of several samples is several computations, or one when the model takes them at once', async (t) => {
  const scenario = { kind: 'multi-stream', samplesPerQuery: 4 } as const;
  const each = await measured({ ...base, scenario }).figures;
  const together = await measured({ ...base, scenario }, { batch: 4 }).figures;
  t.is(each.latencyMs!.percentiles[50], 20);
  t.is(together.latencyMs!.percentiles[50], 5);
  t.is(together.samples, 4 * together.queries);
});

test('the search for the peak of a server ends at what it can do, and its figures are those of a valid run', async (t) => {
  const scenario = { kind: 'server', queriesPerS: 5, boundMs: 20 } as const;
  const { figures, phases } = measured({ ...base, percentile: 0.9, scenario }, { findPeak: true });
  const { peak, invalid, settings, overlatency } = await figures;
  // 200 a second without a pause; with random arrivals queries wait for each other.
  t.true(peak!.queriesPerS! > 60 && peak!.queriesPerS! < 200);
  t.true(peak!.failedPerS! > peak!.queriesPerS!);
  t.deepEqual(invalid, []);
  t.is(settings.scenario.kind === 'server' && settings.scenario.queriesPerS, peak!.queriesPerS!);
  t.not(overlatency, undefined);
  t.is(phases.filter((name) => name.startsWith('measure at')).length, peak!.attempts);
});

test('statistics are the same for the same seed', async (t) => {
  const scenario = { kind: 'server', queriesPerS: 100, boundMs: 50 } as const;
  t.deepEqual(await measured({ ...base, scenario }).figures, await measured({ ...base, scenario }).figures);
});
