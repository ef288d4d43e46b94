import test from 'ava';
import fc from 'fast-check';
import { Blosc2Error } from '../../../wasm/error.ts';
import { values } from './arbitrary.ts';
import { bytesOf, floatsOf, plain, simd } from './instances.ts';

const N = 700;
const relu = Float32Array.from(values('relu', N, 4), (x, i) => (Math.floor(i / 50) % 3 === 0 ? 0.5 : x));
const gaussian = Float32Array.from(values('gaussian', N, 4), (x, i) => x * (i % 7 === 1 ? 100 : 1));
// Little repeats in it; its header says so.
const noise = Float32Array.from(values('gaussian', N, 5), (x) => Math.asin(Math.sin(1000 * x)));

const chunks = [
  simd.encodeAffine(bytesOf(relu), { bits: 8, group: 50, head: 13 })!.bytes,
  simd.encodeAffine(bytesOf(relu), { bits: 4, group: 50, head: 0 })!.bytes,
  simd.encodeAffine(bytesOf(gaussian), { bits: 6, group: 35, head: 0, columns: 7 })!.bytes,
  simd.encodeAffine(bytesOf(noise), { bits: 8, group: 700, head: 0, clip: 'none' })!.bytes,
];

test('chunks of all kinds are mutated: with constants, transposed, zeros left out, LZ4 and without', (t) => {
  t.deepEqual(
    chunks.map((bytes) => bytes[2]),
    [3, 3, 0, 0],
  );
  t.true(chunks.some((bytes) => bytes[16] === 7));
});

test('damaged affine chunks are refused, or fill exactly what was asked for', (t) => {
  let decoded = 0;
  let refused = 0;
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  const mutation = fc.record({
    chunk: fc.constantFrom(...chunks),
    changes: fc.array(change, { maxLength: 5 }),
    header: fc.boolean(),
    cut: fc.nat(60),
  });
  fc.assert(
    fc.property(mutation, ({ chunk, changes, header, cut }) => {
      const damaged = chunk.slice(0, chunk.byteLength - (cut < 20 ? cut : 0));
      for (const [at, value] of changes) damaged[at % (header ? 24 : damaged.byteLength)] = value;
      const [one, other] = [simd, plain].map((codec) => {
        try {
          return floatsOf(N, (into) => codec.decodeAffine(damaged, into));
        } catch (error) {
          if (!(error instanceof Blosc2Error)) throw error;
          return undefined;
        }
      });
      t.deepEqual(one, other);
      if (one === undefined) refused++;
      else decoded++;
    }),
    { numRuns: 4000 },
  );
  t.true(decoded > 500 && refused > 500, `${decoded} decoded, ${refused} refused`);
});

test('random bytes behind a valid header are refused, or fill exactly what was asked for', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...chunks), fc.uint8Array({ maxLength: 1500 }), (chunk, body) => {
      const damaged = Uint8Array.from([...chunk.subarray(0, 20), ...body]);
      try {
        return floatsOf(N, (into) => simd.decodeAffine(damaged, into)).length === N;
      } catch (error) {
        return error instanceof Blosc2Error;
      }
    }),
    { numRuns: 1000 },
  );
  t.pass();
});

test('a chunk of groups of one value, or of other sizes, reserves no more than its values justify', (t) => {
  const damaged = chunks[3]!.slice();
  new DataView(damaged.buffer).setUint32(8, 1, true);
  t.throws(() => floatsOf(N, (into) => simd.decodeAffine(damaged, into)), { instanceOf: Blosc2Error });
  new DataView(damaged.buffer).setUint32(4, 0xffffffff, true);
  t.throws(() => floatsOf(N, (into) => simd.decodeAffine(damaged, into)), { message: /4294967295 elements, expected 700/ });
});

test('steps that are infinite and floors that leave no room for codes are refused', (t) => {
  // One group, its table in front, no LZ4: step in bytes 20 and 21, floor in 22 and 23.
  for (const table of [
    [0xff, 0x00, 0, 0],
    [0xff, 0xff, 0, 0],
    [0x7f, 0x00, 0xff, 0x7f],
    [0x7f, 0x00, 0x00, 0x80],
  ]) {
    const damaged = chunks[3]!.slice();
    damaged.set(table, 20);
    for (const codec of [simd, plain]) {
      t.throws(() => floatsOf(N, (into) => codec.decodeAffine(damaged, into)), { message: /its table/ }, table.join(' '));
    }
  }
});

test('both builds survive what they refused', (t) => {
  const [chunk] = chunks;
  for (const codec of [simd, plain]) {
    t.throws(() => codec.decodeAffine(chunk!.subarray(0, 100), new Uint8Array(4 * N)), { instanceOf: Blosc2Error });
    t.deepEqual(
      floatsOf(N, (into) => codec.decodeAffine(chunk!, into)),
      floatsOf(N, (into) => simd.decodeAffine(chunk!, into)),
    );
  }
});
