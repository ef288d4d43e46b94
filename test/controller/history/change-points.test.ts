import test from 'ava';
import fc from 'fast-check';
import { history, type NoiseKind } from '../../../bench/support/histories.ts';
import { findChangePoints, WINDOW } from '../../../controller/history/change-points.ts';
import { Random } from '../../../mesh/random.ts';

/** Of histories that only vary, looked at after every run: how many in a hundred raise an alarm at any look. */
function falseAlarms(kind: NoiseKind, histories: number): number {
  const random = new Random(31);
  let count = 0;
  for (let each = 0; each < histories; each += 1) {
    const runs = history(kind, 100, random);
    for (let seen = 6; seen <= 100; seen += 1) {
      if (findChangePoints(runs.slice(0, seen)).every(({ ratio }) => ratio < 1)) continue;
      count += 1;
      break;
    }
  }
  return (100 * count) / histories;
}

/** In a hundred, at one of the first five looks. */
function found(kind: NoiseKind, ratio: number, histories: number): number {
  const random = new Random(32);
  let count = 0;
  for (let each = 0; each < histories; each += 1) {
    const at = 50 + random.below(11);
    const runs = history(kind, at + 5, random, { at, ratio });
    if ([3, 4, 5].some((seen) => findChangePoints(runs.slice(0, at + seen)).some(({ index }) => Math.abs(index - at) <= 3))) count += 1;
  }
  return (100 * count) / histories;
}

for (const [kind, most] of [
  ['white', 5],
  ['spiky', 5],
  ['bimodal', 5],
  ['AR(1) 0.7', 5],
] as const) {
  test(`noise that only varies raises hardly any alarm: ${kind}`, (t) => {
    const share = falseAlarms(kind, 40);
    t.log(`${share} % of histories`);
    t.true(share <= most);
  });
}

test('a step of 10 % is found within five runs, up and down', (t) => {
  for (const ratio of [1.1, 0.9]) {
    const shares = { white: found('white', ratio, 120), remembering: found('AR(1) 0.7', ratio, 120) };
    t.log(ratio, shares);
    t.true(shares.white >= 95);
    t.true(shares.remembering >= 62);
  }
});

test('what is found: the first value of the new level, medians, their ratio', (t) => {
  const random = new Random(5);
  const runs = [...history('white', 40, random), ...history('white', 20, random).map((value) => 1.25 * value)];
  const [point, ...others] = findChangePoints(runs);
  t.deepEqual(others, []);
  t.is(point!.index, 40);
  t.true(Math.abs(point!.before - 1) < 0.02 && Math.abs(point!.after - 1.25) < 0.03);
  t.is(point!.ratio, point!.after / point!.before);
  t.true(point!.p < 1e-6);
});

test('a pulse has two change points, a staircase one for each step', (t) => {
  const random = new Random(6);
  const level = (length: number, ratio: number): number[] => history('white', length, random).map((value) => ratio * value);
  t.deepEqual(
    findChangePoints([...level(40, 1), ...level(10, 1.2), ...level(40, 1)]).map(({ index }) => index),
    [40, 50],
  );
  t.deepEqual(
    findChangePoints([...level(30, 1), ...level(30, 1.15), ...level(30, 1.3)]).map(({ index }) => index),
    [30, 60],
  );
});

test('spikes are no change, not even three of the last four runs; all of the last six are', (t) => {
  const random = new Random(7);
  const calm = Array.from({ length: 60 }, () => 1 + 0.01 * (random.next() - 0.5) + (random.below(20) === 0 ? 0.4 : 0));
  t.deepEqual(findChangePoints([...calm, 1.4, 1.5, 1, 1.6]), []);
  t.is(findChangePoints([...calm, 1.4, 1.5, 1.3, 1.4, 1.5, 1.3]).at(-1)?.index, 60);
});

test('identical values have no change; a step between them is one, below 2 % none', (t) => {
  const steps = (from: number, to: number): number[] => [...Array<number>(30).fill(from), ...Array<number>(6).fill(to)];
  t.deepEqual(findChangePoints(Array<number>(50).fill(7)), []);
  t.deepEqual(
    findChangePoints(steps(100, 103)).map(({ index, ratio }) => [index, ratio]),
    [[30, 1.03]],
  );
  t.deepEqual(findChangePoints(steps(100, 101.9)), []);
  t.deepEqual(findChangePoints(steps(0, 0)), []);
  t.deepEqual(
    findChangePoints(steps(0, 5)).map(({ index, ratio }) => [index, ratio]),
    [[30, Number.POSITIVE_INFINITY]],
  );
  t.deepEqual(
    findChangePoints(steps(-10, -5)).map(({ index, ratio }) => [index, ratio]),
    [[30, 0.5]],
  );
});

test('too short a history has none, and what is no number is refused', (t) => {
  t.deepEqual(findChangePoints([]), []);
  t.deepEqual(findChangePoints([1, 1, 1, 9, 9]), []);
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) t.throws(() => findChangePoints([1, wrong]), { instanceOf: RangeError });
  t.throws(() => findChangePoints([1], { lengthMin: 2 }), { instanceOf: RangeError });
});

test('of a long history the newest runs are looked at, with their index in all of it', (t) => {
  const random = new Random(8);
  const runs = history('white', 100_000, random, { at: 99_950, ratio: 1.2 });
  t.deepEqual(
    findChangePoints(runs).map(({ index }) => index),
    [99_950],
  );
  const long = history('white', 2 * WINDOW, random, { at: 20, ratio: 1.5 });
  t.deepEqual(findChangePoints(long), []);
});

const noisy = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { maxLength: 60 });

test('change points are in order, three runs apart, 2 % or more, and the unit does not matter', (t) => {
  fc.assert(
    fc.property(noisy, fc.nat(30), fc.double({ min: 1.5, max: 4, noNaN: true }), (values, tail, ratio) => {
      const runs = [...values, ...values.slice(0, tail).map((value) => value * ratio)];
      const points = findChangePoints(runs);
      let last = 0;
      for (const { index, before, after, p } of points) {
        t.true(index - last >= 3);
        t.true(p >= 0 && p <= 1);
        t.true(Number.isFinite(before) && Number.isFinite(after));
        last = index;
      }
      t.true(points.length === 0 || runs.length - last >= 3);
      t.deepEqual(
        findChangePoints(runs.map((value) => value * 1024)).map(({ index, ratio: change }) => [index, change]),
        points.map(({ index, ratio: change }) => [index, change]),
      );
    }),
    { numRuns: 60 },
  );
});
