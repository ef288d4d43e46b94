import test from 'ava';
import { distributionOf, mean, percentile } from '../../../controller/run/statistics.ts';

const cases: [number[], number, number][] = [
  [[7], 50, 7],
  [[1, 2], 50, 1],
  [[1, 2, 3], 50, 2],
  [[1, 2, 3, 4], 90, 4],
  [[...Array(100).keys()].map((i) => i + 1), 99, 99],
  [[...Array(100).keys()].map((i) => i + 1), 100, 100],
  [[...Array(100).keys()].map((i) => i + 1), 0, 1],
];

for (const [values, percent, expected] of cases) {
  test(`the ${percent}th percentile of ${values.length} values by nearest rank is ${expected}`, (t) =>
    t.is(percentile(values, percent), expected));
}

test('a distribution sorts by value, not as text, and nothing measured is not zero', (t) => {
  t.deepEqual(distributionOf([100, 9, 20]), { p50: 20, p90: 100, p99: 100, max: 100 });
  t.is(distributionOf([]), undefined);
  t.is(mean([]), undefined);
  t.is(mean([1, 2]), 1.5);
});
