import test from 'ava';
import fc from 'fast-check';
import { exactP, mannWhitney } from '../../../controller/statistics/mann-whitney.ts';

test('p by hand: three below three, one in ten orders on either side', (t) => {
  const { u, p, exact } = mannWhitney([1, 2, 3], [4, 5, 6]);
  t.is(u, 9);
  t.true(exact);
  t.is(p.toFixed(6), (2 / 20).toFixed(6));
  t.is(mannWhitney([4, 5, 6], [1, 2, 3]).u, 0);
});

test('p of published tables: the largest U that is significant at 5 %, two-sided', (t) => {
  for (const [m, n, critical] of [
    [4, 4, 0],
    [5, 5, 2],
    [6, 8, 8],
    [7, 7, 8],
    [10, 10, 23],
    [12, 15, 49],
    [20, 20, 127],
  ] as const) {
    t.true(exactP(critical, m, n) <= 0.05, `${m} and ${n}`);
    t.true(exactP(critical + 1, m, n) > 0.05, `${m} and ${n}`);
  }
});

test('ties: halves, and the normal approximation with its variance corrected', (t) => {
  const { u, p, exact } = mannWhitney([1, 2, 2, 3, 3], [2, 3, 4, 4, 5]);
  t.is(u, 21);
  t.false(exact);
  // z = (21 − 12.5 − 0.5) ÷ √(25 ÷ 12 × (11 − (24 + 24 + 6) ÷ 90)), two-sided.
  t.is(p.toFixed(4), '0.0857');
  t.is(mannWhitney([7, 7], [7, 7, 7]).p, 1);
  t.throws(() => mannWhitney([], [1]), { instanceOf: RangeError });
});

const value = fc.integer({ min: 0, max: 50 });
const sample = fc.array(value, { minLength: 1, maxLength: 25 });

test('U counts pairs, whatever the sizes; p depends neither on which sample is the first nor on the unit', (t) => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const { u, p } = mannWhitney(a, b);
      const pairs = a.flatMap((x) => b.map((y) => (y > x ? 1 : y === x ? 0.5 : 0))).reduce((sum: number, each) => sum + each, 0);
      t.is(u, pairs);
      const swapped = mannWhitney(b, a);
      t.is(swapped.u, a.length * b.length - u);
      t.true(Math.abs(swapped.p - p) < 1e-12);
      const scale = (values: number[]) => values.map((each) => each * 8);
      t.is(mannWhitney(scale(a), scale(b)).p, p);
      t.true(p > 0 && p <= 1);
    }),
  );
});

test('where it changes from counting to the normal distribution, p hardly does', (t) => {
  const counted = exactP(950, 50, 50);
  const z = (1250 - 950 - 0.5) / Math.sqrt((2500 * 101) / 12);
  t.true(Math.abs(counted - 0.0389) < 0.001, `${counted}, z ${z}`);
});
