import test from 'ava';
import { warmUp } from '../../../mesh/loadgen/warm-up.ts';

/** A system whose calls take these times, the last again and again. */
function virtual(times: readonly number[]) {
  let nowMs = 0;
  let calls = 0;
  return {
    now: () => nowMs,
    call: async () => {
      nowMs += times[Math.min(calls, times.length - 1)]!;
      calls += 1;
    },
  };
}

test('it is warm when the last calls took the same time', async (t) => {
  const { call, now } = virtual([400, 90, 60, 50, 50.5, 49.5, 50]);
  const warm = await warmUp(call, now);
  t.like(warm, { calls: 8, steady: true });
  t.true(Math.abs(warm.callMs - 50) < 0.5);
  t.true(warm.variation < 0.05);
});

test('a system that is steady from the first call needs as many as are looked at', async (t) => {
  const { call, now } = virtual([10]);
  t.deepEqual(await warmUp(call, now), { calls: 5, elapsedMs: 50, steady: true, variation: 0, callMs: 10 });
});

test('one that never is gets so much patience, and that is said', async (t) => {
  const times = Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? 100 : 300));
  const { call, now } = virtual(times);
  const cold = await warmUp(call, now);
  t.false(cold.steady);
  t.true(cold.elapsedMs >= 5_000 && cold.elapsedMs < 5_400, `${cold.elapsedMs}`);
  t.true(cold.variation > 0.4);
});

test('slow calls are looked at together all the same', async (t) => {
  const { call, now } = virtual([9_000]);
  t.like(await warmUp(call, now), { calls: 5, steady: true });
});

test('calls that take no time that can be measured are steady', async (t) => {
  const { call, now } = virtual([0]);
  t.like(await warmUp(call, now), { calls: 5, steady: true, variation: 0 });
});
