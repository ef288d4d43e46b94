import test from 'ava';
import fc from 'fast-check';
import { extreme, floatsArbitrary } from './arbitrary.ts';
import { bytesOf, plain, simd } from './instances.ts';

test('the upper mantissa bits stay, the lower ones become zero, and the error is the largest there is', (t) => {
  fc.assert(
    fc.property(floatsArbitrary(extreme), fc.integer({ min: 1, max: 22 }), (floats, kept) => {
      const cut = simd.truncate(bytesOf(floats), kept);
      t.deepEqual(cut, plain.truncate(bytesOf(floats), kept));
      if (!floats.every(Number.isFinite)) return cut === undefined;
      const bits = new Uint32Array(floats.slice().buffer);
      const expected = new Float32Array(bits.map((b) => b & (-1 << (23 - kept))).buffer);
      t.deepEqual(cut!.bytes, bytesOf(expected));
      const errors = floats.map((x, i) => Math.abs(x - expected[i]!));
      t.is(cut!.errorMax, Math.max(...errors));
      return floats.every((x, i) => errors[i]! < Math.max(Math.abs(x), 2 ** -126) * 2 ** -kept || errors[i] === 0);
    }),
    { numRuns: 500 },
  );
});

test('only 1 to 22 bits can be kept, of whole floats', (t) => {
  for (const kept of [0, 23, -1, 1.5, Number.NaN]) t.throws(() => simd.truncate(new Uint8Array(8), kept), { instanceOf: RangeError });
  t.throws(() => simd.truncate(new Uint8Array(7), 3), { instanceOf: RangeError });
});
