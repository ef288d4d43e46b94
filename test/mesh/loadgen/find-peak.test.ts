import test from 'ava';
import fc from 'fast-check';
import { MeshError } from '../../../mesh/error.ts';
import { findPeak } from '../../../mesh/loadgen/find-peak.ts';

test('the peak is found from any beginning, within the precision', async (t) => {
  const rate = fc.double({ min: 0.1, max: 10_000, noNaN: true });
  await fc.assert(
    fc.asyncProperty(rate, rate, async (peak, startPerS) => {
      const found = await findPeak(async (queriesPerS) => queriesPerS <= peak, { startPerS, precision: 0.02, attemptsMax: 200 });
      t.true(found.queriesPerS! <= peak && found.failedPerS! > peak);
      t.true(found.failedPerS! - found.queriesPerS! <= 0.02 * found.queriesPerS!);
    }),
  );
});

test('a rate that fails once by chance is tried again', async (t) => {
  const tried: number[] = [];
  const isValid = async (queriesPerS: number): Promise<boolean> => {
    tried.push(queriesPerS);
    return queriesPerS <= 10 && tried.filter((each) => each === queriesPerS).length > 1;
  };
  const { queriesPerS } = await findPeak(isValid, { startPerS: 8, precision: 0.1, attemptsMax: 100 });
  t.true(queriesPerS! > 9 && queriesPerS! <= 10, `${queriesPerS}`);
});

test('when attempts are used up it says how far it came', async (t) => {
  const found = await findPeak(async (queriesPerS) => queriesPerS <= 100, { startPerS: 1, precision: 0.01, attemptsMax: 5 });
  t.deepEqual(found, { queriesPerS: 16, failedPerS: undefined, attempts: 5 });
});

test('a system that meets no rate has no peak', async (t) => {
  const found = await findPeak(async () => false, { startPerS: 1, precision: 0.02, attemptsMax: 1_000 });
  t.is(found.queriesPerS, undefined);
  t.true(found.attempts < 100);
});

test('a search that leads nowhere is refused', async (t) => {
  const never = async (): Promise<boolean> => true;
  for (const options of [
    { startPerS: 0, precision: 0.1, attemptsMax: 1 },
    { startPerS: Number.NaN, precision: 0.1, attemptsMax: 1 },
    { startPerS: 1, precision: 0, attemptsMax: 1 },
  ]) {
    t.is((await t.throwsAsync(findPeak(never, options), { instanceOf: MeshError }))?.code, 'invalid');
  }
});
