import test from 'ava';
import fc from 'fast-check';
import { decodeLz4 } from '../../../wasm/reference/lz4.ts';
import { data, farApart, randomBytes } from '../support/chunks.ts';
import { lz4hcOf, sequencesOf } from '../support/lz4hc.ts';
import { sameBytes } from '../support/same-bytes.ts';

const plain = lz4hcOf('blosc2');
const simd = lz4hcOf('blosc2-simd');
const levels = fc.integer({ min: 1, max: 9 });

/** More than enough for bytes that do not shrink. */
const roomFor = (bytes: Uint8Array): number => bytes.length + Math.ceil(bytes.length / 255) + 16;

/** Copies of what came before, most of them short, with new bytes between: each place has several matches, and they overlap. */
const woven = fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 0, max: 7 })).map(([length, seed, bits]) => {
  const noise = randomBytes(length + 8, seed);
  const bytes = noise.slice(0, length).map((byte) => byte >> bits);
  for (let at = 9; at < length; at += 1 + (noise[at]! & 31)) {
    const from = at - 1 - (((noise[at + 1]! << 8) | noise[at + 2]!) % (noise[at + 3]! < 90 ? Math.min(at, 24) : at));
    const end = Math.min(length, at + (noise[at + 4]! < 220 ? noise[at + 4]! & 31 : noise[at + 4]!));
    for (let to = at; to < end; to += 1) bytes[to] = bytes[from + to - at]!;
  }
  return bytes;
});

test('lz4hc: a block decodes to what it was, both builds write the same, and it keeps the rules for the end of a block', (t) => {
  fc.assert(
    fc.property(fc.oneof(data, farApart, woven, woven), levels, (bytes, level) => {
      const block = simd(bytes, level, roomFor(bytes));
      sameBytes(t, plain(bytes, level, roomFor(bytes)), block);
      const decoded = new Uint8Array(bytes.length);
      decodeLz4(block, decoded);
      sameBytes(t, decoded, bytes);
      const matches = sequencesOf(block).filter(({ matchAt }) => matchAt !== undefined);
      const last = matches.at(-1);
      t.true(last === undefined || last.matchAt! <= bytes.length - 12, 'the last match starts 12 bytes before the end');
      t.true(last === undefined || last.matchAt! + last.matchBytes <= bytes.length - 5, 'the last five bytes are literals');
    }),
    { numRuns: 400 },
  );
});

test('lz4hc: with too little room nothing is written beyond it', (t) => {
  fc.assert(
    fc.property(woven, levels, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, level, share) => {
      const whole = simd(bytes, level, roomFor(bytes));
      const capacity = Math.floor(whole.length * share);
      t.true([simd, plain].every((compress) => compress(bytes, level, capacity).length <= capacity));
      if (capacity < whole.length) t.is(simd(bytes, level, capacity).length, 0);
    }),
    { numRuns: 100 },
  );
});

/** Without repeats of its own: all of 0 to 255 once, in an order that `seed` gives. */
function shuffled(seed: number): Uint8Array {
  const keys = randomBytes(256, seed);
  return Uint8Array.from([...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b));
}

test('lz4hc: a longer match that overlaps the end of the one before begins as early as it can', (t) => {
  const text = shuffled(7).subarray(0, 120);
  // Before, apart from each other: [0, 10) and [5, 60) of the text. Then [0, 60) of it: 10 and 50 bytes, or better 5 and 55.
  const bytes = Uint8Array.from(
    Buffer.concat([
      text.subarray(0, 10),
      text.subarray(100, 120),
      text.subarray(5, 60),
      text.subarray(70, 90),
      text.subarray(0, 60),
      text.subarray(95),
    ]),
  );
  for (const level of [3, 6, 9]) {
    const starts = sequencesOf(simd(bytes, level, roomFor(bytes))).map(({ matchAt, matchBytes }) => [matchAt, matchBytes]);
    // The first keeps what costs no byte for its length.
    t.deepEqual(starts.slice(0, 3), [
      [30, 5],
      [105, 10],
      [115, 50],
    ]);
  }
});

test('lz4hc: higher levels make smaller blocks', (t) => {
  const sizes = [1, 3, 9].map((level) => {
    const samples = fc.sample(woven, { numRuns: 60, seed: 3 });
    return samples.reduce((sum, bytes) => sum + simd(bytes, level, roomFor(bytes)).length, 0);
  });
  t.true(sizes[1]! < sizes[0]! && sizes[2]! < sizes[1]!, sizes.join(' > '));
});
