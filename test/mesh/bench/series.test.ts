import test from 'ava';
import fc from 'fast-check';
import { SAMPLES_MAX, type UseSample, UseSeries } from '../../../mesh/bench/series.ts';

const sample = (at: number, memoryBytes: number): UseSample => ({
  atMs: at * 100,
  memoryBytes,
  totalBytes: memoryBytes * 2,
  swapBytes: memoryBytes / 2,
  cpuMs: at * 40,
  throttledMs: at,
  majorFaults: at * 3,
});

test('a short run has all of its samples', (t) => {
  const series = new UseSeries();
  const samples = [1, 5, 2].map((memory, at) => sample(at, memory));
  for (const each of samples) series.add(each);
  t.deepEqual(series.samples, samples);
});

test('however long a run is: bounded, in order, with every peak and the last of every counter', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 0, max: 39_999 }), (count, peakAt) => {
      const series = new UseSeries();
      for (let at = 0; at < count; at += 1) series.add(sample(at, at === peakAt ? 1e9 : at % 7));
      const { samples } = series;
      t.true(samples.length <= SAMPLES_MAX);
      t.true(count < SAMPLES_MAX ? samples.length === count : samples.length >= SAMPLES_MAX / 2);
      t.true(samples.every(({ atMs }, index) => index === 0 || atMs > samples[index - 1]!.atMs));
      t.is(Math.max(...samples.map(({ memoryBytes }) => memoryBytes)), peakAt < count ? 1e9 : Math.min(6, count - 1));
      const peak = Math.max(...samples.map(({ memoryBytes }) => memoryBytes));
      t.is(Math.max(...samples.map(({ totalBytes }) => totalBytes)), 2 * peak);
      t.is(Math.max(...samples.map(({ swapBytes }) => swapBytes)), peak / 2);
      t.like(samples.at(-1), { atMs: (count - 1) * 100, cpuMs: (count - 1) * 40, throttledMs: count - 1, majorFaults: (count - 1) * 3 });
    }),
    { numRuns: 30 },
  );
});
