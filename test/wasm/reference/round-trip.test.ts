import test from 'ava';
import fc from 'fast-check';
import { decodeBloscLz, encodeBloscLz } from '../../../wasm/reference/blosclz.ts';
import { decodeChunk } from '../../../wasm/reference/decode.ts';
import { encodeChunk, specialChunk, storeChunk } from '../../../wasm/reference/encode.ts';
import { ChunkFailure } from '../../../wasm/reference/failure.ts';
import { filterId, parseHeader } from '../../../wasm/reference/header.ts';
import { decodeLz4, encodeLz4 } from '../../../wasm/reference/lz4.ts';
import { data, farApart, randomBytes, settings, settingsBlosc1, wholeElements, zstdBytes } from '../support/chunks.ts';
import { sameBytes } from '../support/same-bytes.ts';

const options = { maxBytes: 1 << 20, zstd: zstdBytes };

for (const [name, encode, decode] of [
  ['LZ4', encodeLz4, decodeLz4],
  ['BloscLZ', encodeBloscLz, decodeBloscLz],
] as const) {
  test(`${name}: what was encoded decodes to what it was`, (t) => {
    fc.assert(
      fc.property(fc.oneof(data, farApart), (bytes) => {
        if (bytes.length === 0) return;
        const target = new Uint8Array(bytes.length);
        decode(encode(bytes), target);
        sameBytes(t, target, bytes);
      }),
    );
  });

  test(`${name}: repetitions get smaller, over short and long distances`, (t) => {
    const piece = randomBytes(500, 7);
    for (const gap of [0, 100, 8000, 20_000]) {
      const bytes = Buffer.concat([piece, randomBytes(gap, 9), piece]);
      t.true(encode(bytes).length < (bytes.length * 33) / 32 - 400, `gap ${gap}`);
    }
  });
}

for (const [name, arbitrary] of [
  ['Blosc2', settings],
  ['Blosc1', settingsBlosc1],
] as const) {
  test(`${name}: a chunk decodes to what it was made of, whatever the settings`, (t) => {
    fc.assert(
      fc.property(data, arbitrary, (any, settings) => {
        const bytes = wholeElements(any, settings);
        sameBytes(t, decodeChunk(encodeChunk(bytes, settings), options), bytes);
        sameBytes(t, decodeChunk(storeChunk(bytes, settings), options), bytes);
      }),
    );
  });
}

test('truncation keeps the bits it says', (t) => {
  const floats = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(at) * 1000);
  for (const meta of [10, 256 - 13]) {
    const settings = { typesize: 4, blocksize: 1024, codec: 'lz4', split: true, runs: true, extended: true } as const;
    const filters = [
      { id: filterId.truncate, meta },
      { id: filterId.delta, meta: 0 },
      { id: filterId.shuffle, meta: 0 },
    ];
    const chunk = encodeChunk(new Uint8Array(floats.buffer), { ...settings, filters });
    const decoded = new Float32Array(decodeChunk(chunk, options).buffer);
    for (const [at, value] of floats.entries()) t.true(Math.abs(decoded[at]! - value) <= Math.abs(value) * 2 ** -10);
    t.notDeepEqual(decoded, floats);
  }
});

test('special chunks are what they say', (t) => {
  const value = Uint8Array.of(1, 2, 3);
  const decoded = (chunk: Uint8Array) => decodeChunk(chunk, options);
  t.deepEqual(decoded(specialChunk({ kind: 'zero' }, 77, 4, 16)), new Uint8Array(77));
  t.deepEqual(decoded(specialChunk({ kind: 'uninitialized' }, 76, 4, 16)), new Uint8Array(76));
  t.deepEqual(decoded(specialChunk({ kind: 'value', value }, 9, 3, 9)), Uint8Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3));
  t.deepEqual(new Float32Array(decoded(specialChunk({ kind: 'nan' }, 12, 4, 12)).buffer), new Float32Array([NaN, NaN, NaN]));
  t.deepEqual(new Float64Array(decoded(specialChunk({ kind: 'nan' }, 16, 8, 16)).buffer), new Float64Array([NaN, NaN]));
});

test('a chunk that asks for more than is allowed is refused before anything is decoded', (t) => {
  const chunk = specialChunk({ kind: 'zero' }, 2 ** 30, 1, 1 << 20);
  t.is(t.throws(() => decodeChunk(chunk, { maxBytes: 1000 }), { instanceOf: ChunkFailure }).kind, 'too-large');
});

test('damaged chunks end in a failure or in bytes of the announced length, never in anything else', (t) => {
  const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.option(fc.nat(), { freq: 4 }) });
  fc.assert(
    fc.property(data, settings, fc.array(change, { minLength: 1, maxLength: 3 }), (any, settings, changes) => {
      let chunk = encodeChunk(wholeElements(any, settings), settings);
      for (const { at, to, cut } of changes) {
        if (cut !== null) chunk = chunk.slice(0, cut % (chunk.length + 1));
        if (chunk.length > 0) chunk[at % Math.min(chunk.length, 200)] = to;
      }
      try {
        t.is(decodeChunk(chunk, { ...options, zstd: undefined }).length, parseHeader(chunk).nbytes);
      } catch (thrown) {
        if (!(thrown instanceof ChunkFailure)) throw thrown;
      }
    }),
    { numRuns: 500 },
  );
});
