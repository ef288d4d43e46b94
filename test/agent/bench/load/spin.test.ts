import test from 'ava';
import fc from 'fast-check';
import { spin } from '../../../../agent/bench/load/spin.ts';
import { Random } from '../../../../mesh/random.ts';

test('it is busy for its part of the time, in periods of 10 to 20 ms', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 1, noNaN: true }), fc.integer(), (duty, seed) => {
      let nowMs = 0;
      let sleptMs = 0;
      let periods = 0;
      const sleep = (ms: number): void => {
        sleptMs += ms;
        nowMs += ms;
      };
      // Each look at the clock takes a while: that is what keeps it busy.
      spin(duty, { now: () => (nowMs += 0.001), sleep, random: new Random(seed) }, () => periods++ < 100);
      t.true(Math.abs((nowMs - sleptMs) / nowMs - duty) < 0.01, `${sleptMs} of ${nowMs}`);
      t.true(nowMs >= 1000 && nowMs <= 2000 + 1);
    }),
    { numRuns: 20 },
  );
});
