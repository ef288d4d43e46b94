import test from 'ava';
import fc from 'fast-check';
import { estimatePercentile, overlatencyAllowed, queriesNeeded } from '../../../mesh/loadgen/early-stopping.ts';

/** Of MLPerf's rules and of the values that users of its LoadGen know: too slow, percentile → queries. */
const known: readonly (readonly [overlatency: number, percentile: number, queries: number])[] = [
  [0, 0.99, 459],
  [0, 0.9, 44],
  [1, 0.9, 64],
  [1, 0.99, 662],
];
for (const [overlatency, percentile, queries] of known) {
  test(`${overlatency} too slow at p${percentile * 100}: ${queries} queries`, (t) => {
    t.is(queriesNeeded(overlatency, percentile), queries);
    t.is(overlatencyAllowed(queries, percentile), overlatency);
    t.true((overlatencyAllowed(queries - 1, percentile) ?? -1) < overlatency);
  });
}

/** The odds by counting every outcome: exact, for few queries. */
function oddsByCounting(count: number, most: number, percentile: number): number {
  let odds = 0;
  for (let outcome = 0; outcome < 2 ** count; outcome += 1) {
    const slow = outcome.toString(2).replaceAll('0', '').length;
    if (slow <= most) odds += percentile ** (count - slow) * (1 - percentile) ** slow;
  }
  return odds;
}

test('the most that may be too slow is what counting all outcomes says', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 11 }), fc.double({ min: 0.1, max: 0.95, noNaN: true }), (count, percentile) => {
      const odds = Array.from({ length: count }, (_, most) => oddsByCounting(count, most, percentile));
      // Where it hangs by a rounding either answer is right.
      fc.pre(odds.every((each) => Math.abs(each - 0.01) > 1e-9));
      const allowed = odds.findLastIndex((each) => each <= 0.01);
      t.is(overlatencyAllowed(count, percentile), allowed === -1 ? undefined : allowed);
    }),
    { numRuns: 40 },
  );
});

test('more queries allow more of them to be too slow, and never a larger part than the percentile leaves', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999), (count, percentile) => {
      const allowed = overlatencyAllowed(count, percentile) ?? -1;
      t.true(allowed <= count * (1 - percentile));
      t.true((overlatencyAllowed(count + 1, percentile) ?? -1) >= allowed);
    }),
  );
});

test('many queries come close to the percentile itself', (t) => {
  const count = 1_000_000;
  const allowed = overlatencyAllowed(count, 0.99)!;
  // 2.33 standard deviations of a binomial below its mean.
  const expected = count * 0.01 - 2.326 * Math.sqrt(count * 0.01 * 0.99);
  t.true(Math.abs(allowed - expected) < 5, `${allowed}, expected about ${expected}`);
});

test('an estimate leaves out as many as it may, and says when there are too few queries', (t) => {
  const latencies = (count: number): Float64Array => Float64Array.from({ length: count }, (_, index) => index + 1);
  t.deepEqual(estimatePercentile(latencies(63), 0.9), { value: undefined, discarded: 0, needed: 64 });
  t.deepEqual(estimatePercentile(latencies(64), 0.9), { value: 64, discarded: 0, needed: 64 });
  const two = queriesNeeded(2, 0.9);
  t.deepEqual(estimatePercentile(latencies(two), 0.9), { value: two - 1, discarded: 1, needed: 64 });
  t.deepEqual(estimatePercentile(latencies(661), 0.99).value, undefined);
});

test('the estimate is above the true percentile in 99 of 100 runs or more', (t) => {
  // Latencies that are equally likely to be anything: the percentile is its own value.
  let random = 1;
  const next = (): number => {
    random = (random * 48_271) % 2_147_483_647;
    return random / 2_147_483_647;
  };
  const runs = 2_000;
  let below = 0;
  for (let run = 0; run < runs; run += 1) {
    const ascending = Float64Array.from({ length: 200 }, next).sort();
    if (estimatePercentile(ascending, 0.9).value! < 0.9) below += 1;
  }
  t.true(below <= runs * 0.01 + 3 * Math.sqrt(runs * 0.01), `${below} of ${runs}`);
});
