/**
 * What is compressed comes back, whatever is asked for: in both builds, which give the same bytes, and in the reference codec.
 */
import test from 'ava';
import fc from 'fast-check';
import { Blosc2 } from '../../wasm/blosc2.ts';
import { decodeChunk } from '../../wasm/reference/decode.ts';
import { encodeChunk } from '../../wasm/reference/encode.ts';
import { builds, plain, simd } from './support/builds.ts';
import { data, farApart, settings as referenceSettings, settingsBlosc1, wholeElements, zstdBytes } from './support/chunks.ts';
import { cases, KINDS, raw } from './support/compress-settings.ts';
import { sameBytes } from './support/same-bytes.ts';

const oracle = { maxBytes: 1 << 22, zstd: zstdBytes };

test('what is compressed comes back, the builds agree, the reference codec reads it, and it is never more than 32 bytes longer', (t) => {
  fc.assert(
    fc.property(cases, ({ options, raw }) => {
      const chunk = simd.compress(raw, options);
      sameBytes(t, plain.compress(raw, options), chunk, 'chunk of the plain build');
      t.true(chunk.length <= raw.length + 32);
      sameBytes(t, decodeChunk(chunk, oracle), raw, 'decoded by the reference');
      for (const [build, blosc] of builds) sameBytes(t, blosc.decompress(chunk, { maxBytes: raw.length }), raw, `decoded, ${build}`);
    }),
    { numRuns: 250 },
  );
});

test('every codec, filter, level and split mode compresses large chunks of several blocks', (t) => {
  for (const codec of ['blosclz', 'lz4', 'lz4hc', 'zstd'] as const) {
    for (const filters of [[], ['shuffle'], ['bitshuffle'], ['delta', 'shuffle']] as const) {
      for (const [level, splitMode] of [
        [1, 'auto'],
        [5, 'auto'],
        [5, 'always'],
        [9, 'never'],
      ] as const) {
        const bytes = raw(300_001, 4, (level + filters.length) % KINDS, 7);
        const options = { codec, filters, level: codec === 'zstd' ? Math.min(level, 5) : level, splitMode, typesize: 4, blocksize: 65_536 };
        const chunk = simd.compress(bytes, options);
        sameBytes(t, plain.compress(bytes, options), chunk, JSON.stringify(options));
        for (const [build, blosc] of builds) sameBytes(t, blosc.decompress(chunk), bytes, `${build} ${JSON.stringify(options)}`);
      }
    }
  }
});

test('chunks of the reference codec are read, Blosc2 and Blosc1', (t) => {
  fc.assert(
    fc.property(fc.oneof(data, farApart), fc.oneof(referenceSettings, settingsBlosc1), (any, options) => {
      const bytes = wholeElements(any, options);
      const chunk = encodeChunk(bytes, options);
      for (const [build, blosc] of builds) sameBytes(t, blosc.decompress(chunk, { maxBytes: bytes.length }), bytes, build);
    }),
    { numRuns: 300 },
  );
});

test('getItems gives any run of elements', (t) => {
  fc.assert(
    fc.property(
      cases,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ options, raw }, from, to) => {
        const chunk = simd.compress(raw, options);
        const elements = Math.floor(raw.length / options.typesize);
        const start = Math.floor(from * elements);
        const count = Math.floor(to * (elements - start));
        const expected = raw.subarray(start * options.typesize, (start + count) * options.typesize);
        for (const [build, blosc] of builds) sameBytes(t, blosc.getItems(chunk, start, count), expected, build);
      },
    ),
    { numRuns: 300 },
  );
});

test('getItems decodes only the blocks that it needs: another that is damaged does not matter', (t) => {
  const bytes = raw(40_000, 4, 1, 3);
  const chunk = simd.compress(bytes, { typesize: 4, blocksize: 4000 });
  const start = new DataView(chunk.buffer).getUint32(32 + 4 * 3, true);
  chunk.fill(0xff, start, start + 12);
  t.throws(() => simd.decompress(chunk), { name: 'Blosc2Error' });
  sameBytes(t, simd.getItems(chunk, 0, 3000), bytes.subarray(0, 12_000));
  sameBytes(t, simd.getItems(chunk, 4000, 6000), bytes.subarray(16_000));
  t.throws(() => simd.getItems(chunk, 2999, 2), { name: 'Blosc2Error' });
});

test('elements that are all the same take a header, and come back', (t) => {
  const floats = (value: number): Float32Array => new Float32Array(1000).fill(value);
  for (const [special, src, bytes] of [
    ['zeros', floats(0), 32],
    ['nans', floats(Number.NaN), 32],
    ['value', floats(-1.5), 36],
    ['nans', new Float64Array(100).fill(Number.NaN), 32],
    ['value', new Uint8Array(100).fill(7), 33],
    ['zeros', new Uint8Array(101), 32],
  ] as const) {
    const chunk = simd.compress(src);
    t.is(simd.info(chunk).special, special);
    t.is(chunk.length, bytes);
    sameBytes(t, simd.decompress(chunk), new Uint8Array(src.buffer), special);
    sameBytes(t, simd.getItems(chunk, 3, 5), new Uint8Array(src.buffer, 3 * src.BYTES_PER_ELEMENT, 5 * src.BYTES_PER_ELEMENT), special);
  }
});

test('truncPrec keeps so many bits of the significand, and nothing else changes', (t) => {
  const values = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 10 ** (i % 9));
  const chunks = [4, 10, 20].map((truncPrec) => {
    const chunk = simd.compress(values, { filters: [{ truncPrec }, 'shuffle'] });
    sameBytes(t, plain.compress(values, { filters: [{ truncPrec }, 'shuffle'] }), chunk);
    const decoded = new Float32Array(plain.decompress(chunk).buffer);
    t.true(decoded.every((value, i) => Math.abs(value - values[i]!) <= Math.abs(values[i]!) * 2 ** -truncPrec));
    t.deepEqual(
      [...new Uint32Array(decoded.buffer)],
      [...new Uint32Array(values.buffer)].map((word) => (word & (-1 << (23 - truncPrec))) >>> 0),
    );
    return chunk.length;
  });
  t.true(chunks[0]! < chunks[1]! && chunks[1]! < chunks[2]!);
  const doubles = Float64Array.from(values);
  const decoded = new Float64Array(simd.decompress(simd.compress(doubles, { filters: [{ truncPrec: 12 }, 'bitshuffle'] })).buffer);
  t.true(decoded.every((value, i) => Math.abs(value - doubles[i]!) <= Math.abs(doubles[i]!) * 2 ** -12));
});

test('a context serves small and large chunks in turn, into memory of the caller too', (t) => {
  const blosc = new Blosc2();
  const target = new Uint8Array(700_000);
  for (const bytes of [10, 600_000, 0, 3000, 31, 32, 100_000]) {
    const src = raw(bytes, 4, 1, 5);
    const length = blosc.compressInto(src, target, { typesize: 4 });
    const chunk = target.slice(0, length);
    sameBytes(t, chunk, simd.compress(src, { typesize: 4 }));
    const into = new Uint8Array(bytes + 10).fill(9);
    t.is(blosc.decompressInto(chunk, into), bytes);
    sameBytes(t, into.subarray(0, bytes), src);
    t.true(into.subarray(bytes).every((byte) => byte === 9));
  }
});

test('info says what the header says', (t) => {
  const chunk = simd.compress(
    Float32Array.from({ length: 1000 }, (_, i) => Math.sqrt(i)),
    {
      codec: 'lz4hc',
      level: 3,
      filters: ['delta', 'shuffle'],
      splitMode: 'always',
    },
  );
  t.deepEqual(simd.info(chunk), {
    ...{ version: 5, typesize: 4, nbytes: 4000, cbytes: chunk.length, blocksize: 4000, blocks: 1, codec: 'lz4hc' },
    ...{ filters: ['delta', 'shuffle'], split: true, memcpyed: false, special: 'none' },
  });
});
