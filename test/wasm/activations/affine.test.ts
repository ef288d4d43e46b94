import test from 'ava';
import fc from 'fast-check';
import type { AffineBits, AffineOptions } from '../../../wasm/activations-affine.ts';
import { laplaceFactors } from '../../../wasm/laplace-clip.ts';
import { extreme, floatsArbitrary, ordinary, values } from './arbitrary.ts';
import { bytesOf, floatsOf, plain, simd } from './instances.ts';
import { counts, grouped, placeOf, quantiseGroup, readChunk, valuesOf } from './reference/affine.ts';

const bitsArbitrary = fc.constantFrom<AffineBits>(8, 6, 4);
const groupsArbitrary = fc
  .tuple(fc.integer({ min: 1, max: 130 }), fc.nat(129))
  .map(([group, head]) => ({ group, head: head < group ? head : 0 }));

const optionsArbitrary: fc.Arbitrary<AffineOptions> = fc
  .tuple(bitsArbitrary, groupsArbitrary, fc.constantFrom<NonNullable<AffineOptions['clip']>>('search', 'none'))
  .map(([bits, groups, clip]) => ({ bits, clip, ...groups }));

for (const [build, codec] of Object.entries({ simd, plain })) {
  test(`grids, codes, values and errors are those of the reference (${build})`, (t) => {
    let refused = 0;
    fc.assert(
      fc.property(floatsArbitrary(extreme), optionsArbitrary, (floats, options) => {
        const encoded = codec.encodeAffine(bytesOf(floats), options);
        const expected = grouped(floats, counts(floats.length, options.head, options.group)).map((group) =>
          quantiseGroup(group, options.bits, options.clip === 'search'),
        );
        if (encoded === undefined) {
          refused++;
          return expected.some((group) => group?.steps.every((r) => Number.isFinite(Math.fround(r * group.grid.scale))) !== true);
        }
        const chunk = readChunk(encoded.bytes);
        t.deepEqual(
          chunk.grids,
          expected.map((group) => group?.grid),
        );
        t.deepEqual(
          chunk.steps,
          expected.flatMap((group) => group?.steps ?? []),
        );
        const decoded = floatsOf(floats.length, (into) => codec.decodeAffine(encoded.bytes, into));
        t.deepEqual(decoded.map(positiveZero), valuesOf(chunk).map(positiveZero));
        const error = floats.reduce((worst, x, i) => Math.max(worst, Math.abs(x - decoded[i]!)), 0);
        return error <= encoded.errorMax && encoded.errorMax <= error * (1 + 2 ** -22);
      }),
      { numRuns: 600 },
    );
    t.true(refused > 50);
  });
}

test('both builds write the same bytes, and read them', (t) => {
  const seen = { compact: 0, lz4: 0, columns: 0 };
  const all = optionsArbitrary.chain((options) =>
    fc
      .tuple(fc.constantFrom('search', 'none', 'laplace'), fc.integer({ min: 1, max: 12 }))
      .map(([clip, columns]): AffineOptions => ({ ...options, clip: clip as 'search', ...(columns > 3 ? { columns } : {}) })),
  );
  fc.assert(
    fc.property(floatsArbitrary(extreme, 1000), all, (runs, options) => {
      const floats = runs.map((x, i) => x * (i % (options.columns ?? 1) === 1 ? 50 : 1));
      const one = simd.encodeAffine(bytesOf(floats), options);
      t.deepEqual(one, plain.encodeAffine(bytesOf(floats), options));
      if (one === undefined) return;
      seen.lz4 += one.bytes[2]! & 1;
      seen.compact += (one.bytes[2]! & 2) / 2;
      seen.columns += Math.sign(one.bytes[16]!);
      const decoded = floatsOf(floats.length, (into) => simd.decodeAffine(one.bytes, into));
      t.deepEqual(
        decoded,
        floatsOf(floats.length, (into) => plain.decodeAffine(one.bytes, into)),
      );
      t.true(floats.every((x, i) => Math.abs(x - decoded[i]!) <= one.errorMax));
    }),
    { numRuns: 500 },
  );
  for (const [what, times] of Object.entries(seen)) t.true(times > 10, `${what}: ${times} times`);
});

test('zero decodes to zero, and groups of one value are exact', (t) => {
  fc.assert(
    fc.property(floatsArbitrary(ordinary), optionsArbitrary, (floats, options) => {
      const { bytes } = simd.encodeAffine(bytesOf(floats), options)!;
      const decoded = floatsOf(floats.length, (into) => simd.decodeAffine(bytes, into));
      return floats.every((x, i) => x !== 0 || decoded[i] === 0);
    }),
  );
  for (const value of [0, -0, 0.1, -17.3, 3.4e38, 1e-45]) {
    const floats = new Float32Array(500).fill(value);
    const { bytes, errorMax } = simd.encodeAffine(bytesOf(floats), { bits: 4, group: 100, head: 7 })!;
    t.is(errorMax, 0);
    t.deepEqual(floatsOf(500, (into) => simd.decodeAffine(bytes, into)).map(positiveZero), floats.map(positiveZero));
  }
});

test('without clipping no value is further off than half a step, whatever the groups', (t) => {
  fc.assert(
    fc.property(floatsArbitrary(ordinary), bitsArbitrary, groupsArbitrary, (floats, bits, groups) => {
      const { bytes } = simd.encodeAffine(bytesOf(floats), { bits, clip: 'none', ...groups })!;
      const decoded = floatsOf(floats.length, (into) => simd.decodeAffine(bytes, into));
      const { grids } = readChunk(bytes);
      const before = grouped(
        floats,
        grids.map(({ count }) => count),
      );
      const after = grouped(
        decoded,
        grids.map(({ count }) => count),
      );
      return grids.every(({ scale }, g) => before[g]!.every((x, i) => Math.abs(x - after[g]![i]!) <= scale / 2 + Math.abs(x) * 2 ** -22));
    }),
  );
  t.pass();
});

test('searching for the clip never makes the squared error larger, and makes it smaller for 4 bits with outliers', (t) => {
  fc.assert(
    fc.property(floatsArbitrary(ordinary), bitsArbitrary, groupsArbitrary, (floats, bits, groups) => {
      const [searched, all] = (['search', 'none'] as const).map((clip) => squaredError(floats, { bits, clip, ...groups }));
      return searched! <= all! * (1 + 1e-5);
    }),
  );
  const floats = Float32Array.from(values('gaussian', 5000, 3));
  const error = (clip: 'search' | 'none' | 'laplace') => squaredError(floats, { bits: 4, clip, group: 5000, head: 0 });
  t.true(error('search') < 0.7 * error('none'), `${error('search')} ${error('none')}`);
});

test('the analytic clip has the factors of the literature, and clips', (t) => {
  const published: readonly (readonly [number, number])[] = [
    [2, 2.83],
    [3, 3.89],
    [4, 5.03],
  ];
  for (const [bits, factor] of published) {
    t.true(Math.abs(laplaceFactors(bits).twoSided - factor) < 0.01);
    t.is(laplaceFactors(bits).oneSided, laplaceFactors(bits + 1).twoSided);
  }
  // Of a Laplace distribution with scale b, a range of 20 b: 4 bits should clip at 5.03 b.
  const laplace = Float32Array.from({ length: 20_000 }, (_, i) => Math.log(1 - (i + 0.5) / 20_000) * (i % 2 === 0 ? 1 : -1));
  laplace[0] = 20;
  const { bytes } = simd.encodeAffine(bytesOf(laplace), { bits: 4, clip: 'laplace', group: 20_000, head: 0 })!;
  const { scale } = readChunk(bytes).grids[0]!;
  t.true(Math.abs(scale / ((2 * 5.03) / 14) - 1) < 0.02, `${scale}`);
});

test('columns become groups where their ranges are smaller, with the rest of a row behind', (t) => {
  const columns = 48;
  const n = 70 * columns + 11;
  const spread = Float32Array.from(values('gaussian', n, 5), (x, i) => x * (i % columns === 5 ? 100 : 1));
  const rows = Float32Array.from(values('gaussian', n, 6), (x, i) => x * (Math.floor(i / columns) % 9 === 0 ? 100 : 1));
  for (const [floats, chosen] of [
    [spread, columns],
    [rows, 0],
  ] as const) {
    const { bytes, errorMax } = simd.encodeAffine(bytesOf(floats), { bits: 8, group: columns, head: 0, columns })!;
    const chunk = readChunk(bytes);
    t.is(chunk.columns, chosen);
    const decoded = floatsOf(n, (into) => simd.decodeAffine(bytes, into));
    t.deepEqual(decoded.map(positiveZero), valuesOf(chunk).map(positiveZero));
    t.true(floats.every((x, i) => Math.abs(x - decoded[i]!) <= errorMax));
  }
  t.deepEqual(
    Array.from({ length: 7 }, (_, i) => placeOf(i, 7, 3)),
    [0, 2, 4, 1, 3, 5, 6],
  );
});

test('nothing, one value, and more than the memory had room for', (t) => {
  for (const n of [0, 1, 2, 7, 9, 1_500_000]) {
    for (const codec of [simd, plain]) {
      const floats = Float32Array.from({ length: n }, (_, i) => ((i * 7919) % 4001) - 2000);
      const { bytes, errorMax } = codec.encodeAffine(bytesOf(floats), { bits: 8, group: 100_000, head: 0 })!;
      const decoded = floatsOf(n, (into) => codec.decodeAffine(bytes, into));
      t.true(floats.every((x, i) => Math.abs(x - decoded[i]!) <= errorMax));
      t.true(bytes.byteLength <= 4 * n + 32);
    }
  }
});

test('groups that are none are refused', (t) => {
  for (const wrong of [{ group: 0 }, { group: 1.5 }, { group: 4, head: 4 }, { head: -1 }, { columns: 0 }, { group: 2 ** 31 }]) {
    const options = { bits: 8, group: 10, head: 0, ...wrong } as const;
    t.throws(() => simd.encodeAffine(new Uint8Array(400), options), { instanceOf: RangeError }, JSON.stringify(wrong));
  }
});

function squaredError(floats: Float32Array, options: AffineOptions): number {
  const { bytes } = simd.encodeAffine(bytesOf(floats), options)!;
  const decoded = floatsOf(floats.length, (into) => simd.decodeAffine(bytes, into));
  return floats.reduce((sum, x, i) => sum + (x - decoded[i]!) ** 2, 0);
}

function positiveZero(x: number): number {
  return x === 0 ? 0 : x;
}
