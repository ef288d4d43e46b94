import test from 'ava';
import { Peaks } from '../../../controller/run/peaks.ts';
import { SAMPLE_MAX, Sampled } from '../../../controller/run/sampled.ts';
import { distributionOf } from '../../../controller/run/statistics.ts';
import { Random } from '../../../mesh/random.ts';

test('as long as all values fit into the sample, ranks are those of all', (t) => {
  const sampled = new Sampled();
  const values = Array.from({ length: SAMPLE_MAX }, (_, index) => (index * 7919) % SAMPLE_MAX);
  for (const value of values) sampled.add(value);
  t.deepEqual(sampled.distribution(), distributionOf(values));
  t.is(new Sampled().distribution(), undefined);
});

test('of more values count, sum and extremes are exact, ranks within what chance allows, and memory stays', (t) => {
  const sampled = new Sampled();
  const random = new Random(7);
  const count = 200_000;
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    // Growing, so that a sample of the beginning or of the end would be found out.
    const value = (i + random.next() * count) / 2;
    sampled.add(value);
    sum += value;
  }
  sampled.add(10 * count);
  t.deepEqual([sampled.count, sampled.sum, sampled.size], [count + 1, sum + 10 * count, SAMPLE_MAX]);
  const { p50, p90, max, sample } = sampled.distribution(1000)!;
  t.is(sample, SAMPLE_MAX);
  t.is(max, (10 * count) / 1000);
  // The sum of two even distributions: half of it below its middle, 90 % below 1 − √0.05 of its range.
  t.true(Math.abs(p50 - 100) < 3, `${p50}`);
  t.true(Math.abs(p90 - 200 * (1 - Math.sqrt(0.05))) < 3, `${p90}`);
});

test('a line of peaks has few points, and every peak', (t) => {
  const peaks = new Peaks(8);
  for (const value of [3, 1, 4, 1, 5, 9, 2, 6]) peaks.add(value);
  t.deepEqual(peaks.points, [3, 1, 4, 1, 5, 9, 2, 6]);
  peaks.add(5);
  t.deepEqual(peaks.points, [3, 4, 9, 6, 5]);
  peaks.add(8);
  t.deepEqual(peaks.points, [3, 4, 9, 6, 8]);
  for (let i = 0; i < 10_000; i += 1) peaks.add(i === 5_000 ? 77 : 0);
  t.true(peaks.points.length <= 8);
  t.is(Math.max(...peaks.points), 77);
});
