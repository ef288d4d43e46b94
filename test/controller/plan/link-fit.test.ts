import test from 'ava';
import fc from 'fast-check';
import { fitLinks, type TransferSample } from '../../../controller/plan/link-fit.ts';
import { Random } from '../../../mesh/random.ts';

const sizes = [400, 5_000, 60_000, 800_000];
/** Milliseconds, as a link of so much latency and bandwidth would take. */
const sample = (from: string, to: string, bytes: number, latencyMs: number, bytesPerMs: number): TransferSample => ({
  from,
  to,
  bytes,
  ms: latencyMs + bytes / bytesPerMs,
});
const isNear = (a: number, b: number, relative: number): boolean => Math.abs(a - b) <= relative * Math.abs(b);
const latencies = fc.double({ min: 0.01, max: 50, noNaN: true });
const bandwidths = fc.double({ min: 100, max: 200_000, noNaN: true });

test('latency and bandwidth of two links that differ are found again, exactly', (t) => {
  fc.assert(
    fc.property(latencies, bandwidths, latencies, bandwidths, (latency, bandwidth, otherLatency, otherBandwidth) => {
      const link = fitLinks(
        sizes.flatMap((bytes) => [sample('a', 'b', bytes, latency, bandwidth), sample('b', 'c', bytes, otherLatency, otherBandwidth)]),
      )!;
      const [ab, bc] = [link('a', 'b'), link('b', 'c')];
      const right = (found: number, real: number): boolean => isNear(found, real, 1e-6) || Math.abs(found - real) < 1e-9;
      return (
        right(ab.latencyMs, latency) &&
        right(ab.bytesPerMs, bandwidth) &&
        right(bc.latencyMs, otherLatency) &&
        right(bc.bytesPerMs, otherBandwidth)
      );
    }),
  );
  t.pass();
});

test('with noise of a tenth, bandwidth is found to a seventh', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 500, max: 50_000, noNaN: true }), (seed, bandwidth) => {
      const random = new Random(seed);
      const noisy = sizes.flatMap((bytes) =>
        Array.from({ length: 15 }, () => {
          const exact = sample('a', 'b', bytes, 0.5, bandwidth);
          return { ...exact, ms: exact.ms * (0.9 + 0.2 * random.next()) };
        }),
      );
      const { latencyMs, bytesPerMs } = fitLinks(noisy)!('a', 'b');
      return latencyMs >= 0 && isNear(bytesPerMs, bandwidth, 1 / 7);
    }),
  );
  t.pass();
});

test('single transfers that took long by accident count for nothing', (t) => {
  const samples = sizes.flatMap((bytes) => Array.from({ length: 5 }, () => sample('a', 'b', bytes, 2, 1000)));
  samples[7] = { ...samples[7]!, ms: 5000 };
  const { latencyMs, bytesPerMs } = fitLinks(samples)!('a', 'b');
  t.true(isNear(latencyMs, 2, 1e-9) && isNear(bytesPerMs, 1000, 1e-9));
});

test('a pair with transfers of one size has the latency of all together; the rest of its time is bandwidth', (t) => {
  const others = sizes.map((bytes) => sample('a', 'b', bytes, 2, 1000));
  const link = fitLinks([...others, { from: 'b', to: 'c', bytes: 6000, ms: 14 }])!;
  const { latencyMs, bytesPerMs } = link('b', 'c');
  t.true(latencyMs >= 0 && latencyMs <= 14);
  t.true(isNear(latencyMs + 6000 / bytesPerMs, 14, 1e-9));
});

test('whatever was measured, no price is negative, infinite or no number', (t) => {
  const any = fc.record({
    from: fc.constantFrom('a', 'b', 'c'),
    to: fc.constantFrom('a', 'b', 'c'),
    bytes: fc.constantFrom(0, 1, 40, 4096, 1e6),
    ms: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (samples) => {
      const link = fitLinks(samples)!;
      return ['a', 'b', 'c', 'd'].every((from) =>
        ['a', 'b', 'c', 'd'].every((to) => {
          const { latencyMs, bytesPerMs } = link(from, to);
          return latencyMs >= 0 && Number.isFinite(latencyMs) && bytesPerMs > 0 && Number.isFinite(bytesPerMs);
        }),
      );
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('a pair that was measured one way only is the same the other way; one that was not is as all together', (t) => {
  const link = fitLinks(sizes.map((bytes) => sample('a', 'b', bytes, 2, 1000)))!;
  t.deepEqual(link('b', 'a'), link('a', 'b'));
  t.deepEqual(link('x', 'y'), link('a', 'b'));
});

test('without any measurement there are no links', (t) => {
  t.is(fitLinks([]), undefined);
});
