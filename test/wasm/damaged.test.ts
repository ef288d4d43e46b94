/**
 * Bytes that are no chunk, chunks that need what is not here, and limits: each is refused with its code, and nothing is decoded.
 */
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Blosc2 } from '../../wasm/blosc2.ts';
import type { Blosc2ErrorCode } from '../../wasm/error.ts';
import { builds, simd } from './support/builds.ts';
import { raw } from './support/compress-settings.ts';

function refuses(t: ExecutionContext, code: Blosc2ErrorCode, message: RegExp, chunk: Uint8Array): void {
  for (const [, blosc] of builds) t.throws(() => blosc.decompress(chunk, { maxBytes: 1 << 20 }), { name: 'Blosc2Error', code, message });
}

const bytes = raw(20_000, 4, 1, 3);
const good = simd.compress(bytes, { typesize: 4, blocksize: 4000 });

/** The good chunk with bytes changed: offset, then values. */
function changed(...changes: [offset: number, ...values: number[]][]): Uint8Array {
  const chunk = good.slice();
  for (const [offset, ...values] of changes) chunk.set(values, offset);
  return chunk;
}

for (const [what, code, message, chunk] of [
  ['nothing', 'damaged', /0 bytes/, new Uint8Array(0)],
  ['less than a header', 'damaged', /15 bytes/, good.subarray(0, 15)],
  ['a chunk without its end', 'damaged', /says it has/, good.subarray(0, good.length - 1)],
  ['format version 0', 'damaged', /version 0/, changed([0, 0])],
  ['a later format version', 'unsupported', /version 7/, changed([0, 7])],
  ['typesize 0', 'damaged', /typesize 0/, changed([3, 0])],
  ['a negative size', 'damaged', /-1 raw bytes/, changed([4, 255, 255, 255, 255])],
  ['more than is allowed', 'too-large', /1048577 raw bytes; at most 1048576/, changed([4, 1, 0, 16, 0])],
  ['blocksize 0', 'damaged', /blocksize 0/, changed([8, 0, 0, 0, 0])],
  ['a negative blocksize', 'damaged', /blocksize -1/, changed([8, 255, 255, 255, 255])],
  ['more blocks than bytes', 'damaged', /20000 blocks in/, changed([8, 1, 0, 0, 0])],
  ['less than its header', 'damaged', /says it has 31 bytes/, changed([12, 31, 0, 0, 0])],
  ['zlib', 'unsupported', /zlib/, changed([2, 0x65])],
  ['snappy', 'unsupported', /snappy/, changed([2, 0x45])],
  ['a codec of a user', 'unsupported', /user-defined codec 200/, changed([2, 0xc5], [22, 200])],
  ['a filter that is a plugin', 'unsupported', /filter 33/, changed([21, 33])],
  ['a filter that does not exist', 'unsupported', /filter 5/, changed([16, 5])],
  ['a dictionary', 'unsupported', /dictionary/, changed([31, 1])],
  ['a lazy chunk', 'unsupported', /lazy/, changed([31, 8])],
  ['measurements', 'unsupported', /measurements/, changed([31, 128])],
  ['blocks of variable length', 'unsupported', /variable length/, changed([30, 1])],
  ['flags of a later format', 'unsupported', /flags 2/, changed([30, 2])],
  ['special value 5', 'damaged', /special value 5/, changed([31, 0x50])],
  ['NaNs of three bytes', 'damaged', /NaNs of 3 bytes/, changed([31, 0x20], [3, 3])],
  ['a value that does not fit', 'damaged', /is repeated in/, changed([31, 0x30])],
  ['a stored chunk of another size', 'damaged', /stored as they are/, changed([2, 7])],
  ['a block that starts in the header', 'damaged', /damaged/, changed([32, 16, 0, 0, 0])],
  ['a block that starts behind the end', 'damaged', /damaged/, changed([32, 255, 255, 255, 127])],
  ['a stream longer than the chunk', 'damaged', /damaged/, changed([52, 255, 255, 255, 127])],
  ['a run without its byte', 'damaged', /damaged/, changed([52, 255, 255, 255, 255, 0])],
  ['a run of more than a byte', 'damaged', /damaged/, changed([52, 0, 255, 255, 255, 1])],
] as const) {
  test(`${what} is refused: ${code}`, (t) => refuses(t, code, message, chunk));
}

test('a chunk that is cut anywhere is refused, also when its header says that it is so short', (t) => {
  for (const codec of ['blosclz', 'lz4', 'lz4hc', 'zstd'] as const) {
    const chunk = simd.compress(raw(3000, 1, 0, 3), { codec, typesize: 1, filters: [] });
    t.false(simd.info(chunk).memcpyed);
    for (let length = 0; length < chunk.length; length++) {
      const cut = chunk.slice(0, length);
      refuses(t, 'damaged', /./, cut);
      if (length < 32) continue;
      new DataView(cut.buffer).setInt32(12, length, true);
      refuses(t, 'damaged', /./, cut);
    }
  }
});

test('changed bytes give an error of ours or other data of the same size', (t) => {
  const chunks = (['blosclz', 'lz4', 'zstd'] as const).flatMap((codec) =>
    ([['shuffle'], ['delta', 'bitshuffle']] as const).map((filters) =>
      simd.compress(raw(6000, 4, 1, 3), { codec, filters, typesize: 4, blocksize: 2000 }),
    ),
  );
  const change = fc.tuple(fc.nat(5000), fc.nat(255));
  fc.assert(
    fc.property(fc.nat(chunks.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }), (which, changes) => {
      const chunk = chunks[which]!.slice();
      for (const [at, value] of changes) chunk[at % chunk.length] = value;
      const results = builds.map(([, blosc]) => {
        try {
          return Buffer.from(blosc.decompress(chunk, { maxBytes: 100_000 })).toString('base64');
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'Blosc2Error') throw error;
          return (error as { code?: string }).code;
        }
      });
      t.is(results[0], results[1]);
    }),
    { numRuns: 2000 },
  );
});

test('a context does not use more memory than it may', (t) => {
  const blosc = new Blosc2({ memoryBytesMax: 1 << 20 });
  t.throws(() => blosc.compress(new Uint8Array(1 << 20).fill(1, 5)), { code: 'too-large', message: /this context may use 1048576/ });
  t.is(blosc.decompress(blosc.compress(new Uint8Array(1000).fill(1, 5))).length, 1000);
  const claims = changed([4, 255, 255, 255, 127 - 64], [8, 0, 0, 0, 1]);
  t.throws(() => blosc.decompress(claims), { code: 'too-large' });
});

test('calls that make no sense are refused, and say what was expected', (t) => {
  const src = new Uint8Array(100);
  for (const [call, message] of [
    [() => simd.compress(src, { typesize: 0 }), /typesize 0; expected a whole number from 1 to 255/],
    [() => simd.compress(src, { typesize: 256 }), /typesize 256/],
    [() => simd.compress(src, { level: 10 }), /level 10/],
    [() => simd.compress(src, { blocksize: -1 }), /blocksize -1/],
    [() => simd.compress(src, { codec: 'zlib' as 'lz4' }), /codec "zlib"; expected blosclz, lz4, lz4hc, zstd/],
    [() => simd.compress(src, { splitMode: 'some' as 'auto' }), /splitMode "some"/],
    [() => simd.compress(src, { filters: ['shufle' as 'shuffle'] }), /filter "shufle"/],
    [() => simd.compress(src, { filters: Array(7).fill('shuffle') }), /7 filters; a chunk has place for 6/],
    [() => simd.compress(src, { filters: [{ truncPrec: 5 }] }), /typesize of 1; expected 4/],
    [() => simd.compress(src, { typesize: 4, filters: [{ truncPrec: 23 }] }), /truncPrec 23; expected 1 to 22/],
    [() => simd.compress(src, { typesize: 4, filters: ['shuffle', { truncPrec: 5 }] }), /before all other filters/],
    [() => simd.getItems(good, 5001, 0), /start 5001/],
    [() => simd.getItems(good, 5000, 1), /count 1; expected a whole number from 0 to 0/],
    [() => simd.getItems(good, -1, 1), /start -1/],
  ] as const) {
    t.throws(call, { name: 'Blosc2Error', code: 'usage', message });
  }
  t.throws(() => simd.decompressInto(good, new Uint8Array(19_999)), { code: 'too-large', message: /there is room for 19999/ });
  t.throws(() => simd.compressInto(bytes, new Uint8Array(40)), { code: 'too-large' });
});

test('Zstd of the host: a failure comes through, and without one compressing is unsupported', (t) => {
  const options = { codec: 'zstd' } as const;
  const failing = new Blosc2({
    zstdCompress: () => {
      throw new RangeError('no such level');
    },
  });
  t.throws(() => failing.compress(bytes, options), { instanceOf: RangeError });
  t.is(simd.info(failing.compress(bytes)).codec, 'lz4');
});
