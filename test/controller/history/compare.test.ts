import test from 'ava';
import fc from 'fast-check';
import { history } from '../../../bench/support/histories.ts';
import { compareSamples, SAMPLES_MIN } from '../../../controller/history/compare.ts';
import { Random } from '../../../mesh/random.ts';

const compare = (a: readonly number[], b: readonly number[], better: 'lower' | 'higher' = 'lower') =>
  compareSamples(a, b, { better, random: new Random(1) });

const white = (count: number, level: number, seed: number): number[] =>
  history('white', count, new Random(seed)).map((value) => level * value);

test('a tenth more is worse where lower is better, and better where higher is', (t) => {
  const [a, b] = [white(20, 100, 1), white(20, 110, 2)];
  const { ratio, low, high, p, verdict, reason, enough } = compare(a, b);
  t.is(verdict, 'worse');
  t.true(low > 1 && low <= ratio && ratio <= high && low < 1.1 && high > 1.08, `${low} ${ratio} ${high}`);
  t.true(p < 1e-4);
  t.regex(reason, /^\+\d.* %.*worse, lower is better$/);
  t.is(enough, undefined);
  t.is(compare(a, b, 'higher').verdict, 'better');
  t.is(compare(b, a).verdict, 'better');
});

test('a real difference below the least effect is neither better nor worse: with many values the same', (t) => {
  const [a, b] = [white(2000, 100, 3), white(2000, 100.8, 4)];
  const { low, high, p, verdict } = compare(a, b);
  t.true(low > 1 && high < 1.02 && p < 1e-3);
  t.is(verdict, 'same');
});

test('too few values are unsure, and how many would do is said', (t) => {
  const few = compare([1, 1, 1], [2, 2, 2, 2, 2]);
  t.is(few.verdict, 'unsure');
  t.is(few.enough, SAMPLES_MIN);
  t.regex(few.reason, /3 and 5, at least 4 of each/);
  const noisy = compare(white(6, 100, 15), white(6, 102, 16));
  t.is(noisy.verdict, 'unsure');
  t.true(noisy.enough! > 6);
  t.regex(noisy.reason, /about \d+ values of each would tell/);
});

test('as many values as were said mostly do', (t) => {
  let decided = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const first = compare(white(8, 100, 2 * seed), white(8, 105, 2 * seed + 1));
    const count = first.enough ?? 8;
    if (compare(white(Math.min(count, 300), 100, 1000 + seed), white(Math.min(count, 300), 105, 2000 + seed)).verdict === 'worse')
      decided += 1;
  }
  t.log(`${decided} of 60`);
  t.true(decided >= 36);
});

test('zeros: nothing to nothing is the same, from nothing to something is worse', (t) => {
  const zeros = [0, 0, 0, 0, 0, 0];
  t.is(compare(zeros, zeros).verdict, 'same');
  const { ratio, verdict } = compare(zeros, [3, 4, 3, 4, 3, 4]);
  t.is(ratio, Number.POSITIVE_INFINITY);
  t.is(verdict, 'worse');
  t.is(compare([3, 4, 3, 4, 3, 4], zeros).verdict, 'better');
  for (const wrong of [[], [-1, 1, 1, 1], [1, Number.NaN, 1, 1]]) t.throws(() => compare(wrong, [1, 1, 1, 1]), { instanceOf: RangeError });
});

const sample = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 1, maxLength: 15 });

test('the same values twice are never better or worse', (t) => {
  fc.assert(
    fc.property(sample, (a) => {
      const { ratio, verdict } = compare(a, a);
      t.is(ratio, 1);
      t.true(verdict === 'same' || verdict === 'unsure');
    }),
    { numRuns: 40 },
  );
});

test('swapping the samples inverts the answer, a unit does nothing', (t) => {
  const inverse = { better: 'worse', worse: 'better', same: 'same', unsure: 'unsure' } as const;
  const near = (x: number, y: number): boolean => x === y || Math.abs(x / y - 1) < 1e-9;
  fc.assert(
    fc.property(sample, sample, fc.constantFrom(1, 1.3, 5), (a, raw, factor) => {
      const b = raw.map((value) => value * factor);
      const [there, back, scaled] = [
        compare(a, b),
        compare(b, a),
        compare(
          a.map((x) => x * 64),
          b.map((x) => x * 64),
        ),
      ];
      t.is(back.verdict, inverse[there.verdict]);
      t.true(near(back.ratio, 1 / there.ratio) && near(back.low, 1 / there.high) && near(back.high, 1 / there.low));
      t.true(near(back.p, there.p));
      t.deepEqual(scaled, there);
      t.true(there.low <= there.high);
      if (there.verdict === 'worse') t.true(there.ratio >= 1.02 && there.low > 1 && there.p <= 0.05);
      if (there.verdict === 'same') t.true(there.low >= 1 / 1.02 && there.high <= 1.02);
    }),
    { numRuns: 60 },
  );
});
