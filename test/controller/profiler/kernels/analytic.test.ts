/** The first estimate: known coefficients come back, and more work never takes less time. */
import test from 'ava';
import fc from 'fast-check';
import { analyticUs, fitAnalytic, type MeasuredWork } from '../../../../controller/profiler/kernels/analytic.ts';
import { bytesMoved } from '../../../../controller/profiler/kernels/features.ts';
import type { Place } from '../../../../controller/profiler/kernels/place.ts';
import { type KernelWork, kernelWork } from '../../../../controller/profiler/kernels/work.ts';

const empty = kernelWork({ name: '', operator: 'Gemm', inputs: [], outputs: [] });
const gemm = (macs: number, bytes: number): KernelWork => ({ ...empty, macs, inputBytes: bytes });
const pool = (bytes: number): KernelWork => ({ ...empty, group: 'pool', inputBytes: bytes });
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b);

const place: Place = { memory: 18, leaves: false };

/** Sizes whose parts do not go together. */
const works = Array.from({ length: 40 }, (_, index) => gemm(1000 * 1.4 ** (index % 13), 100 * 1.5 ** (index % 11)));

test('coefficients that times were made with are found', (t) => {
  const found = fitAnalytic(works.map((work) => ({ work, place, us: 0.002 * work.macs + 0.01 * bytesMoved(work) + 3 }))).groups.gemm!;
  t.true(isClose(found.perMac, 0.002) && isClose(found.perByte, 0.01) && isClose(found.perCall, 3), JSON.stringify(found));
});

test('what costs nothing is not made negative by what costs more', (t) => {
  const found = fitAnalytic(works.map((work) => ({ work, place, us: Math.max(1, 0.01 * bytesMoved(work) - 0.0001 * work.macs) }))).groups
    .gemm!;
  t.true(found.perMac === 0 && found.perByte > 0 && found.perCall >= 0, JSON.stringify(found));
});

test('a group that was hardly measured is estimated like all', (t) => {
  const measured: MeasuredWork[] = works.map((work) => ({ work, place, us: 0.002 * work.macs + 1 }));
  const model = fitAnalytic([...measured, { work: pool(1e6), place, us: 9 }]);
  t.is(model.groups.pool, undefined);
  const { perByte, perCall } = model.all;
  t.true(isClose(analyticUs(model, pool(5e5), place), Math.max(0.1, perByte * 5e5 + perCall)));
});

test('estimates are above 0 and grow with multiply-accumulates and with bytes, whatever was measured', (t) => {
  const work = fc.record({
    macs: fc.double({ min: 0, max: 1e12, noNaN: true }),
    bytes: fc.double({ min: 0, max: 1e9, noNaN: true }),
    us: fc.double({ min: 0.1, max: 1e7, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(work, { maxLength: 30 }), work, fc.double({ min: 1, max: 100, noNaN: true }), (rows, { macs, bytes }, more) => {
      const model = fitAnalytic(rows.map((row) => ({ work: gemm(row.macs, row.bytes), place, us: row.us })));
      const us = analyticUs(model, gemm(macs, bytes), place);
      return (
        Number.isFinite(us) &&
        us > 0 &&
        analyticUs(model, gemm(macs * more, bytes), place) >= us &&
        analyticUs(model, gemm(macs, bytes * more), place) >= us
      );
    }),
    { numRuns: 500, seed: 1 },
  );
  t.pass();
});

test('what is cold, and what leaves the session, costs more by its own coefficients', (t) => {
  const places: Place[] = [18, 20, 22, 24, 26].flatMap((memory) => [true, false].map((leaves) => ({ memory, leaves })));
  const usOf = (work: KernelWork, { memory, leaves }: Place): number => {
    const cold = (memory - 18) / 8;
    return 0.002 * work.macs + (0.01 + 0.02 * cold) * bytesMoved(work) + 3 + 9 * cold + (leaves ? 0.1 * work.outputBytes : 0);
  };
  const outputs = works.map((work, index) => ({ ...work, outputBytes: 100 * 1.3 ** (index % 7) }));
  const model = fitAnalytic(outputs.flatMap((work) => places.map((each) => ({ work, place: each, us: usOf(work, each) }))));
  for (const work of outputs) for (const each of places) t.true(Math.abs(analyticUs(model, work, each) / usOf(work, each) - 1) < 1e-6);
});
