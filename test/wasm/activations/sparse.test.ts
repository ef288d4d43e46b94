import test from 'ava';
import fc from 'fast-check';
import type { ElementBytes } from '../../../wasm/activations-sparse.ts';
import { extreme, floatsArbitrary, values } from './arbitrary.ts';
import { bytesOf, plain, simd } from './instances.ts';

const elementBytesArbitrary = fc.constantFrom<ElementBytes>(1, 2, 4);
const bytesArbitrary = fc.oneof(
  floatsArbitrary(extreme).map(bytesOf),
  fc
    .array(fc.tuple(fc.constantFrom(0, 0, 1, 128, 255), fc.nat(40)), { maxLength: 30 })
    .map((runs) => Uint8Array.from(runs.flatMap(([byte, n]) => Array<number>(n).fill(byte)))),
);

test('every bit comes back, the bytes are those of the description, from both builds', (t) => {
  fc.assert(
    fc.property(bytesArbitrary, elementBytesArbitrary, (bytes, elementBytes) => {
      const raw = bytes.subarray(0, bytes.byteLength - (bytes.byteLength % elementBytes));
      const expected = reference(raw, elementBytes);
      for (const codec of [simd, plain]) {
        const encoded = codec.encodeSparse(raw, elementBytes);
        t.deepEqual(encoded, expected);
        t.deepEqual(decode(codec, encoded, raw.byteLength), new Uint8Array(raw));
      }
    }),
    { numRuns: 500 },
  );
});

test('NaN payloads and the sign of zero survive', (t) => {
  const raw = new Uint8Array(Uint32Array.of(0x7f800001, 0xffc12345, 0x80000000, 0, 1, 0, 0, 0x80000000, 0).buffer);
  for (const codec of [simd, plain]) {
    const encoded = codec.encodeSparse(raw, 4);
    t.is(encoded.byteLength, 8 + 2 + 5 * 4);
    t.deepEqual(decode(codec, encoded, raw.byteLength), raw);
  }
});

test('a bitmap that does not fit its values, or has bits behind the end, is refused', (t) => {
  const raw = bytesOf(Float32Array.from(values('relu', 101, 1)));
  const encoded = simd.encodeSparse(raw, 4);
  const changes: readonly (readonly [at: number, change: (byte: number) => number, message: RegExp])[] = [
    [0, () => 2, /version 2/],
    [1, () => 1, /kind 1/],
    [2, () => 1, /flags 1/],
    [3, () => 3, /elements of 3/],
    [4, (n) => n + 1, /102 elements, expected 101/],
    [8, (bits) => bits ^ 1, /a bitmap of \d+ values/],
    [8 + 12, (bits) => bits | 0x80, /a bitmap of -1 values/],
  ];
  for (const [at, change, message] of changes) {
    const damaged = encoded.slice();
    damaged[at] = change(damaged[at]!);
    for (const codec of [simd, plain]) t.throws(() => decode(codec, damaged, raw.byteLength), { name: 'Blosc2Error', message });
  }
  for (const size of [0, 3, 7, 8, 12, 21, encoded.byteLength - 1]) {
    t.throws(() => decode(simd, encoded.slice(0, size), raw.byteLength), { name: 'Blosc2Error' }, `${size} bytes`);
  }
  t.throws(() => decode(simd, encoded, raw.byteLength - 4), { name: 'Blosc2Error' });
});

function decode(codec: typeof simd, encoded: Uint8Array, size: number): Uint8Array {
  const into = new Uint8Array(size);
  codec.decodeSparse(encoded, into);
  return into;
}

/** The description, element by element. */
function reference(raw: Uint8Array, elementBytes: number): Uint8Array {
  const elements = Array.from({ length: raw.byteLength / elementBytes }, (_, i) => [
    ...raw.subarray(i * elementBytes, (i + 1) * elementBytes),
  ]);
  const bitmap = Array<number>(Math.ceil(elements.length / 8)).fill(0);
  const kept = elements.filter((element, i) => {
    const isKept = element.some((byte) => byte !== 0);
    bitmap[i >> 3]! |= Number(isKept) << (i & 7);
    return isKept;
  });
  const n = Uint32Array.of(elements.length);
  return Uint8Array.from([1, 4, 0, elementBytes, ...new Uint8Array(n.buffer), ...bitmap, ...kept.flat()]);
}
