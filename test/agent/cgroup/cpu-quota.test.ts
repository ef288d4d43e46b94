import test from 'ava';
import fc from 'fast-check';
import { cpuBandwidth } from '../../../agent/cgroup/cpu-quota.ts';
import { MeshError } from '../../../mesh/error.ts';

test('the period is 10 ms, and longer where the quota would fall below what the kernel takes', (t) => {
  t.deepEqual(cpuBandwidth(0.4), { quotaUs: 4000, periodUs: 10_000 });
  t.deepEqual(cpuBandwidth(4), { quotaUs: 40_000, periodUs: 10_000 });
  t.deepEqual(cpuBandwidth(0.1), { quotaUs: 1000, periodUs: 10_000 });
  t.deepEqual(cpuBandwidth(0.05), { quotaUs: 1000, periodUs: 20_000 });
  t.deepEqual(cpuBandwidth(0.001), { quotaUs: 1000, periodUs: 1_000_000 });
});

test('the period is 100 ms where the quota is shared by weights', (t) => {
  t.deepEqual(cpuBandwidth(0.4, true), { quotaUs: 40_000, periodUs: 100_000 });
  t.deepEqual(cpuBandwidth(0.005, true), { quotaUs: 1000, periodUs: 200_000 });
});

test('every quota gives numbers the kernel takes, within a percent of what was asked', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1024, noNaN: true }), (cores) => {
      const { quotaUs, periodUs } = cpuBandwidth(cores);
      return (
        Number.isInteger(quotaUs) &&
        Number.isInteger(periodUs) &&
        quotaUs >= 1000 &&
        periodUs >= 1000 &&
        periodUs <= 1_000_000 &&
        Math.abs(quotaUs / periodUs / cores - 1) < 0.01
      );
    }),
  );
  t.pass();
});

test('a quota is the same share at both periods, to the last digit', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1024, noNaN: true }), (cores) => {
      const [usual, weighed] = [cpuBandwidth(cores), cpuBandwidth(cores, true)];
      return (
        usual.quotaUs * weighed.periodUs === weighed.quotaUs * usual.periodUs &&
        weighed.periodUs >= 100_000 &&
        weighed.periodUs <= 1_000_000
      );
    }),
  );
  t.pass();
});

for (const cores of [0, -1, 0.0001, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a quota of ${cores} cores is refused`, (t) => {
    t.is(t.throws(() => cpuBandwidth(cores), { instanceOf: MeshError })?.code, 'invalid');
  });
}
