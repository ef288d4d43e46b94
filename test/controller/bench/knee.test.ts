import test from 'ava';
import fc from 'fast-check';
import { kneeOf } from '../../../controller/bench/knee.ts';

const curve = (xs: readonly number[], y: (x: number) => number) => xs.map((x) => ({ x, y: y(x) }));
const tenths = Array.from({ length: 20 }, (_, index) => (index + 1) / 10);

test('where it bends, there is the knee', (t) => {
  // Two straight lines that meet at 0.5.
  t.is(kneeOf(curve(tenths, (x) => (x <= 0.5 ? 100 - 180 * x : 10.5 - x))), 0.5);
  // 1 ÷ x from 1 to 10: the distance from the diagonal is largest at √10.
  t.is(kneeOf(curve([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (x) => 1 / x)), 3);
  // Two CPUs: with more nothing gets faster.
  t.is(kneeOf(curve([0.25, 0.5, 1, 1.5, 2, 3, 4], (x) => 20 / Math.min(x, 1))), 1);
});

test('no knee: a straight line, a level one, a rising one, one that bends the other way, too few points', (t) => {
  t.is(kneeOf(curve(tenths, (x) => 30 - 8 * x)), undefined);
  t.is(kneeOf(curve(tenths, () => 30)), undefined);
  t.is(kneeOf(curve(tenths, (x) => x)), undefined);
  t.is(kneeOf(curve(tenths, (x) => 100 - x ** 4)), undefined);
  t.is(kneeOf(curve([1, 2, 3], (x) => 1 / x)), undefined);
  t.is(kneeOf([]), undefined);
  const rising = [10, 2, 2, 12].map((y, x) => ({ x, y }));
  t.is(kneeOf(rising), undefined, 'more is worse in the end');
});

test('the knee is one of the points, whatever the units and the order, and moves with the bend', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 16 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 1000 }),
      (at, scale, offset) => {
        const bend = tenths[at]!;
        const points = curve(tenths, (x) => offset + scale * (x <= bend ? 50 * (bend - x) : 0.01 * (bend - x)));
        t.is(kneeOf(points), bend);
        t.is(kneeOf(points.toReversed()), bend);
      },
    ),
  );
});

test('a little noise does not make it disappear', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }), (noise) => {
      const knee = kneeOf(tenths.map((x, index) => ({ x, y: (10 / x) * (1 + 0.02 * noise[index]!) })));
      t.true(knee !== undefined && knee >= 0.3 && knee <= 0.7, `${knee}`);
    }),
  );
});
