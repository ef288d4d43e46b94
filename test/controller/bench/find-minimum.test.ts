import test from 'ava';
import fc from 'fast-check';
import { findMinimum, MINIMUM_OPTIONS } from '../../../controller/bench/find-minimum.ts';
import { MeshError } from '../../../mesh/error.ts';

const options = { from: 1024, floor: 16, ...MINIMUM_OPTIONS };

/** A workload that needs so much. `used`: what it takes when it may, as the kernel says. */
const needing = (edge: number, used?: number) => {
  const tried: number[] = [];
  const attempt = async (limit: number) => {
    tried.push(limit);
    return { holds: limit >= edge, used };
  };
  return { tried, attempt };
};

test('from what it used the edge is found in few runs, and holds three times', async (t) => {
  const { tried, attempt } = needing(178, 180);
  t.deepEqual(await findMinimum(attempt, options), { holds: 178, times: 3, fails: 177, runs: tried.length });
  t.true(tried.length <= 9, tried.join(' '));
});

test('wherever the edge is, near what was used: to one unit, in twelve runs at most', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 16, max: 1000 }), fc.double({ min: 0.9, max: 1.1, noNaN: true }), async (edge, off) => {
      const { tried, attempt } = needing(edge, edge * off);
      const found = await findMinimum(attempt, options);
      t.is(found.holds, edge, tried.join(' '));
      t.is(found.fails, edge === 16 ? undefined : edge - 1, tried.join(' '));
      t.true(tried.length <= 12 && found.times >= 1);
    }),
  );
});

test('whatever it used and wherever the edge is: what is said was seen', async (t) => {
  const used = fc.option(fc.double({ min: 0, max: 5_000, noNaN: true }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_100 }), used, fc.integer({ min: 1, max: 20 }), async (edge, guess, runsMax) => {
      const { tried, attempt } = needing(edge, guess);
      const { holds, fails, times, runs } = await findMinimum(attempt, { ...options, runsMax });
      t.is(runs, tried.length);
      t.true(runs <= runsMax && tried.every((limit) => limit >= 16 && limit <= 1024));
      t.is(holds === undefined, edge > 1024);
      if (holds !== undefined) t.true(holds >= edge && times === tried.filter((limit) => limit === holds).length);
      if (fails !== undefined) t.true(fails < edge && tried.includes(fails));
    }),
  );
});

test('a limit that fails once in three is none', async (t) => {
  let at100 = 0;
  const attempt = async (limit: number) => {
    if (limit === 100) at100 += 1;
    return { holds: limit > 100 || (limit === 100 && at100 !== 2), used: 101 };
  };
  const { holds, fails, times } = await findMinimum(attempt, { ...options, runsMax: 20 });
  t.deepEqual({ holds, fails, times }, { holds: 101, fails: 100, times: 3 });
});

test('limits that make no sense are refused', async (t) => {
  const { attempt } = needing(1);
  for (const [from, floor] of [
    [8, 16],
    [10.5, 1],
    [10, 0],
  ] as const) {
    t.is((await t.throwsAsync(findMinimum(attempt, { ...options, from, floor }), { instanceOf: MeshError }))?.code, 'invalid');
  }
});
