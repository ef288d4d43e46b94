import test from 'ava';
import fc from 'fast-check';
import { bandOf, medianOf } from '../../../controller/statistics/band.ts';
import { OUTLIERS_FROM, outliersOf } from '../../../controller/statistics/outliers.ts';
import { studentT } from '../../../controller/statistics/student.ts';

/** t with 5 % above it, as tables print it: 1 to 30, 60, infinitely many degrees of freedom. */
const table = [
  6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.74, 1.734, 1.729, 1.725,
  1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
];

test("quantiles of Student's t are those of the tables", (t) => {
  for (const [index, expected] of table.entries()) t.is(studentT(index + 1, 0.9).toFixed(3), expected.toFixed(3), `${index + 1}`);
  t.is(studentT(60, 0.9).toFixed(3), '1.671');
  t.is(studentT(Number.POSITIVE_INFINITY, 0.9).toFixed(3), '1.645');
  t.is(studentT(Number.POSITIVE_INFINITY, 0.95).toFixed(2), '1.96');
  t.is(studentT(4, 0.95).toFixed(3), '2.776');
  t.is(studentT(1, 0.99).toFixed(3), '63.657');
  for (const wrong of [0, -1, 1.5, Number.NaN]) t.throws(() => studentT(wrong, 0.9), { instanceOf: RangeError });
  for (const wrong of [0, 1, Number.NaN]) t.throws(() => studentT(3, wrong), { instanceOf: RangeError });
});

test('a band by hand: 1, 2, 3, 4, 5', (t) => {
  const { low, high, ...rest } = bandOf([5, 3, 1, 2, 4])!;
  t.deepEqual(rest, { n: 5, median: 3, mean: 3 });
  // s = 1.5811, ÷ √5 = 0.7071, × 2.1318
  t.is(low!.toFixed(3), '1.493');
  t.is(high!.toFixed(3), '4.507');
});

test('of nothing there is nothing, of one value no band', (t) => {
  t.is(bandOf([]), undefined);
  t.deepEqual(bandOf([7]), { n: 1, median: 7, mean: 7, low: undefined, high: undefined });
});

const value = fc.double({ min: 0.001, max: 1e6, noNaN: true });

test('the mean lies in its band, the median among the values, and neither depends on the order', (t) => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 30 }), (values) => {
      const band = bandOf(values)!;
      t.true(band.low! <= band.mean && band.mean <= band.high!);
      t.true(band.median >= Math.min(...values) && band.median <= Math.max(...values));
      t.is(medianOf(values.toReversed()), band.median);
      const other = bandOf(values.toReversed())!;
      t.true(Math.abs(other.low! - band.low!) <= 1e-6 * Math.max(1, Math.abs(band.mean)));
    }),
  );
});

test('of experiments whose truth is known, about 90 of 100 bands have it', (t) => {
  // Sums of twelve uniform numbers, nearly normal around 0; a generator of fixed numbers, so that it is the same each time.
  let state = 12345;
  const uniform = (): number => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const normal = (): number => Array.from({ length: 12 }, uniform).reduce((sum, each) => sum + each, -6);
  const within = Array.from({ length: 2000 }, () => bandOf([normal(), normal(), normal(), normal(), normal()])!).filter(
    ({ low, high }) => low! <= 0 && high! >= 0,
  );
  t.true(within.length > 1740 && within.length < 1860, `${within.length} of 2000`);
});

test('an outlier is marked, wherever it stands, from five repeats on', (t) => {
  t.deepEqual(outliersOf([21, 22, 40, 21.5, 21.2]), [false, false, true, false, false]);
  t.deepEqual(outliersOf([21, 22, 40, 21.5]), [false, false, false, false]);
  t.deepEqual(outliersOf([20, 21, 22, 23, 24]), [false, false, false, false, false]);
  // By hand: median 3, MAD 1; 0.6745 × 5 = 3.37 is not above 3.5, 0.6745 × 6 is.
  t.deepEqual(outliersOf([1, 2, 3, 4, 8]), [false, false, false, false, false]);
  t.deepEqual(outliersOf([1, 2, 3, 4, 9]), [false, false, false, false, true]);
  t.deepEqual(outliersOf([5, 5, 5, 5, 5]), [false, false, false, false, false]);
  t.deepEqual(outliersOf([5, 5, 5, 5, 9]), [false, false, false, false, true], 'MAD 0');
  t.deepEqual(outliersOf([100, 101, 102, 101, 105]), [false, false, false, false, false], 'far by the score, 4 % by measure');
  t.deepEqual(outliersOf([100, 101, 102, 101, 107]), [false, false, false, false, true]);
  t.deepEqual(outliersOf([]), []);
});

test('at most half of the values are outliers, as many marks as values, whatever the unit', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 20 }), (values) => {
      const marks = outliersOf(values);
      t.is(marks.length, values.length);
      t.true(marks.filter(Boolean).length * 2 <= values.length);
      if (values.length < OUTLIERS_FROM) t.false(marks.includes(true));
      t.deepEqual(outliersOf(values.map((each) => each * 1024)), marks);
    }),
  );
});
