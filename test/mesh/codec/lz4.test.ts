import test from 'ava';
import fc from 'fast-check';
import { lz4 } from '../../../mesh/codec/lz4.ts';
import { decodeChunk, fileCodecs } from '../../../mesh/codec/registry.ts';
import { MeshError } from '../../../mesh/error.ts';

const encode = (raw: Uint8Array) => lz4.encode(raw, { dtype: 'uint8', dims: [raw.byteLength], first: 0 }).payload;

function decode(encoded: Uint8Array, rawBytes: number): Uint8Array {
  const raw = new Uint8Array(rawBytes);
  lz4.decode(encoded, raw);
  return raw;
}

const compressible = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 20 })
  .map((pieces) => Buffer.concat(pieces.flatMap(([piece, times]) => Array.from({ length: times }, () => piece))));

test('what was encoded decodes to what it was', (t) => {
  fc.assert(
    fc.property(fc.oneof(compressible, fc.uint8Array({ maxLength: 5000 })), (raw) => {
      const encoded = encode(raw);
      if (encoded !== raw) t.true(Buffer.from(decode(encoded, raw.byteLength)).equals(Buffer.from(raw)));
      return encoded.byteLength <= raw.byteLength;
    }),
  );
});

test('a view into a larger buffer is encoded alone', (t) => {
  const larger = Buffer.alloc(3000, 'abc');
  const raw = new Uint8Array(larger.buffer, larger.byteOffset + 1000, 1000);
  t.deepEqual(Buffer.from(decode(encode(raw), 1000)), Buffer.from(raw));
  const encoded = encode(raw);
  const shifted = new Uint8Array(encoded.byteLength + 7);
  shifted.set(encoded, 7);
  t.deepEqual(Buffer.from(decode(shifted.subarray(7), 1000)), Buffer.from(raw));
});

test('what does not shrink is handed back as it is', (t) => {
  const raw = new Uint8Array([1, 2, 3]);
  t.is(encode(raw), raw);
  const empty = new Uint8Array();
  t.is(encode(empty), empty);
});

test('the encoded form begins with the decoded size', (t) => {
  const encoded = encode(Buffer.alloc(0x01020304 & 0xffffff));
  t.deepEqual([...encoded.subarray(0, 4)], [0x04, 0x03, 0x02, 0x00]);
});

test('random bytes are refused, or decode to the length that was asked for', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 4000 }), (block, rawBytes) => {
      const size = new Uint8Array(4);
      new DataView(size.buffer).setUint32(0, rawBytes, true);
      return isBounded(Buffer.concat([size, block]), rawBytes);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('a damaged chunk is refused, or decodes to the length that was asked for', (t) => {
  fc.assert(
    fc.property(
      compressible,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      (raw, changes) => {
        const encoded = Buffer.from(encode(raw));
        for (const [at, value] of changes) encoded[at % encoded.byteLength] = value;
        return isBounded(encoded, raw.byteLength) && isBounded(encoded.subarray(0, encoded.byteLength >> 1), raw.byteLength);
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});

test('a chunk that announces 4 GiB allocates nothing', (t) => {
  const before = process.memoryUsage().rss;
  t.throws(() => decode(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0]), 1024), { message: /announces 4294967295 bytes/ });
  t.true(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

test('a chunk is bounded before its codec is asked', (t) => {
  const chunk = { codec: 'lz4', rawBytes: 0xffffffff, payload: new Uint8Array([0xff, 0xff, 0xff, 0xff, 0]) };
  t.throws(() => decodeChunk(fileCodecs, chunk, 1024), { message: /larger than the 1024 expected/ });
});

test('a chunk without codec must be as long as it says', (t) => {
  const payload = new Uint8Array([1, 2, 3]);
  t.is(decodeChunk(fileCodecs, { codec: 'none', rawBytes: 3, payload }, 10), payload);
  t.throws(() => decodeChunk(fileCodecs, { codec: 'none', rawBytes: 4, payload }, 10), { message: /carries 3 bytes and says it has 4/ });
  t.throws(() => decodeChunk(fileCodecs, { codec: 'zip', rawBytes: 3, payload }, 10), { message: /codec "zip" is not known/ });
});

function isBounded(encoded: Uint8Array, rawBytes: number): boolean {
  try {
    return decode(encoded, rawBytes).byteLength === rawBytes;
  } catch (error) {
    return error instanceof MeshError && error.code === 'invalid';
  }
}
