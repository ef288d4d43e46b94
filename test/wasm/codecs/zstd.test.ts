import { constants, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { data, farApart, randomBytes } from '../support/chunks.ts';
import { sameBytes } from '../support/same-bytes.ts';
import { builds, zstdOf } from '../support/zstd.ts';

const DAMAGED = -1;
const TOO_LARGE = -2;
const UNSUPPORTED = -3;

interface Setting {
  readonly level: number;
  readonly checksum: boolean;
  readonly contentSize: boolean;
  readonly windowLog: number;
}

const settings: fc.Arbitrary<Setting> = fc.record({
  level: fc.integer({ min: -7, max: 22 }),
  checksum: fc.boolean(),
  contentSize: fc.boolean(),
  windowLog: fc.integer({ min: 10, max: 20 }),
});

function compressed(bytes: Uint8Array, { level, checksum, contentSize, windowLog }: Setting): Buffer {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: Number(checksum),
    [constants.ZSTD_c_contentSizeFlag]: Number(contentSize),
    [constants.ZSTD_c_windowLog]: windowLog,
  };
  return zstdCompressSync(bytes, { params });
}

const plain: Setting = { level: 3, checksum: false, contentSize: true, windowLog: 17 };

/** Text-like bytes: few symbols with unlike frequencies, so that literals are Huffman coded, and repeated phrases. */
function prose(length: number, seed: number): Uint8Array {
  const noise = randomBytes(length, seed);
  const text = noise.map((byte) => 97 + Math.floor((byte * byte) / 2600));
  for (let at = 200; at + 40 < length; at += 37 + (noise[at]! & 63)) text.copyWithin(at, at - 150 - (noise[at + 1]! >> 1), at - 140);
  return text;
}

for (const build of builds) {
  const decode = zstdOf(build);
  const decoded = (frame: Uint8Array, capacity: number): Uint8Array => {
    const result = decode(frame, capacity);
    if (typeof result === 'number') throw new Error(`status ${result}`);
    return result;
  };

  test(`${build}: what zstd compressed decodes to what it was, at all levels and windows, with and without sizes and checksums`, (t) => {
    fc.assert(
      fc.property(fc.oneof(data, farApart), settings, fc.nat(50), (bytes, setting, room) => {
        sameBytes(t, decoded(compressed(bytes, setting), bytes.length + room), bytes);
      }),
      { numRuns: 300 },
    );
  });

  test(`${build}: literals in one and four Huffman streams, tables used again, blocks of many sizes`, (t) => {
    for (const length of [50, 255, 256, 257, 1023, 1024, 1025, 3000, 16_383, 16_384, 131_071, 131_072, 131_073, 400_000]) {
      for (const level of [-5, 1, 4, 9, 19]) {
        const text = prose(length, length);
        sameBytes(t, decoded(compressed(text, { ...plain, level, checksum: true }), length), text, `${length} bytes, level ${level}`);
        const skewed = randomBytes(length, 5).map((byte) => Math.clz32(byte + 1));
        sameBytes(t, decoded(compressed(skewed, { ...plain, level }), length), skewed, `${length} skewed bytes, level ${level}`);
      }
    }
  });

  test(`${build}: several frames and skippable ones are one after the other`, (t) => {
    const skippable = Buffer.from('5a2a4d18030000000102ff', 'hex');
    const [one, two] = [prose(3000, 1), prose(200, 2)];
    const frames = Buffer.concat([skippable, compressed(one, plain), skippable, compressed(two, plain), skippable]);
    sameBytes(t, decoded(frames, 3200), Buffer.concat([one, two]));
  });

  test(`${build}: damage, missing room and dictionaries have a status each`, (t) => {
    const text = prose(5000, 3);
    const frame = compressed(text, { ...plain, checksum: true });
    t.is(decode(frame, 4999), TOO_LARGE);
    t.is(decode(compressed(text, { ...plain, contentSize: false }), 4999), TOO_LARGE);
    t.is(decode(new Uint8Array(0), 10), DAMAGED);
    t.is(decode(Buffer.from('28b52ffd', 'hex'), 10), DAMAGED);
    for (let length = 1; length < frame.length; length += 7) t.is(decode(frame.subarray(0, length), 5000), DAMAGED, `${length} bytes`);
    const otherChecksum = Buffer.from(frame);
    otherChecksum[frame.length - 1]! ^= 1;
    t.is(decode(otherChecksum, 5000), DAMAGED);
    t.is(decode(Buffer.from('28b52ffd2101050100000061', 'hex'), 10), UNSUPPORTED);
  });

  test(`${build}: hostile bytes never write outside and end in a status or in at most as many bytes as there is room`, (t) => {
    const mutation = fc.record({ at: fc.nat(), to: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(100, 2000, 20_000),
        settings,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (length, setting, changes) => {
          const frame = compressed(prose(length, length), setting);
          for (const { at, to } of changes) frame[at % Math.min(frame.length, 300)] = to;
          const result = decode(frame, length);
          t.true(typeof result === 'number' ? result < 0 : result.length <= length);
        },
      ),
      { numRuns: 1500 },
    );
  });
}
