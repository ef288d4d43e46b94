/** Least squares whose solution has no negative part: against all that is near, and with rows that lie. */
import test from 'ava';
import fc from 'fast-check';
import { nonNegativeLeastSquares, robustRelativeFit, type WeightedRow } from '../../../controller/profiler/non-negative.ts';

const number = fc.double({ min: 0.1, max: 10, noNaN: true });
const rows = fc.array(fc.record({ columns: fc.tuple(number, number, number), target: number, weight: number }), {
  minLength: 3,
  maxLength: 12,
});

function errorOf(all: readonly WeightedRow[], x: readonly number[]): number {
  return all.reduce((sum, { columns, target, weight = 1 }) => {
    return sum + weight * (columns.reduce((made, value, column) => made + value * x[column]!, 0) - target) ** 2;
  }, 0);
}

test('no neighbour without a negative part is better', (t) => {
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -0.2, max: 0.2, noNaN: true }))), { minLength: 8, maxLength: 8 }),
      (all, steps) => {
        const x = nonNegativeLeastSquares(all)!;
        t.true(x.every((value) => value >= 0));
        const least = errorOf(all, x);
        for (const step of steps) {
          const other = x.map((value, column) => Math.max(0, value + step[column]!));
          t.true(errorOf(all, other) >= least - 1e-6 * (1 + least));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('of two columns that say the same, the first is used', (t) => {
  const x = nonNegativeLeastSquares([1, 2, 3].map((value) => ({ columns: [value, 2 * value], target: 3 * value })))!;
  t.true(Math.abs(x[0]! - 3) < 1e-9 && x[1] === 0, `${x}`);
});

test('of nothing, nothing', (t) => {
  t.is(nonNegativeLeastSquares([]), undefined);
  t.is(robustRelativeFit([]), undefined);
  t.is(nonNegativeLeastSquares([{ columns: [0], target: 1 }]), undefined);
});

test('a few rows that lie do not change the fit, however large they are', (t) => {
  const honest = Array.from({ length: 20 }, (_, index) => ({ columns: [1.5 ** index, 1], target: 2 * 1.5 ** index + 0.3 }));
  const lying = [3, 11, 19].map((index) => ({ columns: [1.5 ** index, 1], target: 9 * 1.5 ** index }));
  const [ratio, call] = robustRelativeFit([...honest, ...lying])!;
  t.true(Math.abs(ratio! / 2 - 1) < 0.03, `${ratio}`);
  t.true(Math.abs(call! / 0.3 - 1) < 0.15, `${call}`);
});
