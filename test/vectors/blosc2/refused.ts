/**
 * Vectors that a decoder must refuse: each field of the header out of its range, each length and offset around its boundary, each codec's
 * own damage. A chunk is described by its header and its bytes, so that one thing at a time is wrong.
 */
import { specialChunk, storeChunk } from '../../../wasm/reference/encode.ts';
import type { Vector } from './vectors.ts';
import { block, frame } from './zstd-frames.ts';

interface Fields {
  readonly version: number;
  readonly flags: number;
  readonly typesize: number;
  readonly nbytes: number;
  readonly blocksize: number;
  /** Default: the length of the chunk. */
  readonly cbytes: number;
  readonly filters: readonly number[];
  readonly flags2: number;
  readonly flags3: number;
  /** Default: behind the block starts. */
  readonly start: number;
  /** Length of the only stream as it says; default: what it has. */
  readonly streamLength: number;
}

const EXTENDED = 5;
const NOT_SPLIT = 16;
const LZ4 = 1 << 5;
const ZSTD = 4 << 5;

/** One block of 64 bytes in one stream. */
function chunk(stream: readonly number[] | Uint8Array, fields: Partial<Fields> = {}): Uint8Array {
  const bytes = new Uint8Array(40 + stream.length);
  const view = new DataView(bytes.buffer);
  bytes.set([fields.version ?? 5, 1, fields.flags ?? EXTENDED | NOT_SPLIT | LZ4, fields.typesize ?? 1]);
  view.setInt32(4, fields.nbytes ?? 64, true);
  view.setInt32(8, fields.blocksize ?? 64, true);
  view.setInt32(12, fields.cbytes ?? bytes.length, true);
  bytes.set(fields.filters ?? [], 16);
  bytes[30] = fields.flags3 ?? 0;
  bytes[31] = fields.flags2 ?? 0;
  view.setInt32(32, fields.start ?? 36, true);
  view.setInt32(36, fields.streamLength ?? stream.length, true);
  bytes.set(stream, 40);
  return bytes;
}

/** 64 bytes: a literal, a match of 58 over it, 5 literals. */
const lz4 = [0x1f, 97, 1, 0, 39, 0x50, 97, 97, 97, 97, 97];
/** The same in BloscLZ. */
const blosclz = [0, 97, 0xe0, 49, 0, 4, 97, 97, 97, 97, 97];
const zstd = frame(64, [block(1, 64, Uint8Array.of(97), true)]);

export function refusedVectors(): Vector[] {
  const raw = new Uint8Array(64).fill(97);
  const vectors: Vector[] = [];
  const add = (expected: Vector['expected'], name: string, bytes: Uint8Array): void => void vectors.push({ name, expected, chunk: bytes });
  const field = (name: string, wrong: Partial<Fields>): void => add('damaged', name, chunk(lz4, wrong));
  const unsupported = (name: string, needs: Partial<Fields>): void => add('unsupported', name, chunk(lz4, needs));

  // What all of the following are a change of.
  for (const [name, stream, flags] of [
    ['base-lz4', lz4, LZ4],
    ['base-blosclz', blosclz, 0],
    ['base-zstd', zstd, ZSTD],
  ] as const) {
    vectors.push({ name, expected: 'ok', raw, chunk: chunk(stream, { flags: EXTENDED | NOT_SPLIT | flags }) });
  }

  for (const length of [0, 15, 16, 31, 32, 35, 36, 39, 40, 50]) add('damaged', `cut-to-${length}`, chunk(lz4).slice(0, length));
  field('version-0', { version: 0 });
  field('typesize-0', { typesize: 0 });
  field('nbytes-negative', { nbytes: -1 });
  field('nbytes-too-much-for-the-format', { nbytes: 0x7fffffff });
  field('nbytes-63', { nbytes: 63 });
  field('nbytes-65', { nbytes: 65 });
  field('blocksize-0', { blocksize: 0 });
  field('blocksize-negative', { blocksize: -64 });
  field('blocksize-above-limit', { blocksize: 536_866_817 });
  field('cbytes-0', { cbytes: 0 });
  field('cbytes-31', { cbytes: 31 });
  field('cbytes-one-less', { cbytes: 50 });
  field('cbytes-one-more', { cbytes: 52 });
  field('cbytes-negative', { cbytes: -1 });
  field('blocks-beyond-the-end', { nbytes: 1000, blocksize: 1 });
  field('split-of-a-part', { flags: EXTENDED | LZ4, typesize: 3 });
  field('special-5', { flags2: 5 << 4 });
  field('special-7', { flags2: 7 << 4 });
  for (const start of [-1, 0, 31, 51, 52, 0x7fffffff]) field(`block-start-${start}`, { start });
  field('block-start-48', { start: 48 });
  for (const streamLength of [12, 0x7fffffff, -256, -0x80000000]) field(`stream-length-${streamLength}`, { streamLength });
  add('damaged', 'run-without-token', chunk([], { streamLength: -5 }));
  add('damaged', 'run-with-token-0', chunk([0], { streamLength: -5 }));

  unsupported('version-7', { version: 7 });
  unsupported('blocks-of-variable-length', { flags3: 1 });
  unsupported('later-flags', { flags3: 2 });
  unsupported('dictionary', { flags2: 1 });
  unsupported('lazy', { flags2: 8 });
  unsupported('instrumented', { flags2: 128 });
  for (const codec of [2, 3, 5, 6, 7]) unsupported(`codec-${codec}`, { flags: EXTENDED | NOT_SPLIT | (codec << 5) });
  for (const id of [5, 31, 32, 255]) unsupported(`filter-${id}`, { filters: [0, 0, 0, 0, 0, id] });

  const options = { typesize: 1, blocksize: 64, codec: 'lz4', filters: [], split: false, runs: true, extended: true } as const;
  for (const [name, change] of [
    ['less', 31],
    ['more', 33],
  ] as const) {
    const stored = storeChunk(raw, options);
    new DataView(stored.buffer).setInt32(4, 32 + change, true);
    add('damaged', `stored-one-${name}`, stored);
  }
  add('damaged', 'nan-of-2-bytes', specialChunk({ kind: 'nan' }, 64, 2, 64));
  add('damaged', 'nan-in-part', specialChunk({ kind: 'nan' }, 66, 4, 64));
  add('damaged', 'value-of-0-bytes', specialChunk({ kind: 'value', value: new Uint8Array(0) }, 64, 4, 64));
  add('damaged', 'value-in-part', specialChunk({ kind: 'value', value: Uint8Array.of(1, 2, 3) }, 64, 3, 64));
  add('too-large', 'zeros-of-1-gib', specialChunk({ kind: 'zero' }, 1 << 30, 1, 1 << 20));
  add('too-large', 'zeros-one-too-many', specialChunk({ kind: 'zero' }, (1 << 20) + 1, 1, 1 << 20));

  const stream = (codec: number, name: string, bytes: readonly number[] | Uint8Array): void =>
    add('damaged', name, chunk(bytes, { flags: EXTENDED | NOT_SPLIT | codec }));
  stream(LZ4, 'lz4-offset-0', [0x1f, 97, 0, 0, 39, 0x50, 97, 97, 97, 97, 97]);
  stream(LZ4, 'lz4-offset-before-the-block', [0x1f, 97, 2, 0, 39, 0x50, 97, 97, 97, 97, 97]);
  stream(LZ4, 'lz4-match-one-shorter', [0x1f, 97, 1, 0, 38, 0x50, 97, 97, 97, 97, 97]);
  stream(LZ4, 'lz4-match-one-longer', [0x1f, 97, 1, 0, 40, 0x50, 97, 97, 97, 97, 97]);
  stream(LZ4, 'lz4-literals-beyond-the-stream', [0x1f, 97, 1, 0, 39, 0x60, 97, 97, 97, 97, 97]);
  stream(LZ4, 'lz4-length-without-end', [0xf0, ...Array<number>(20).fill(255)]);
  stream(0, 'blosclz-distance-before-the-block', [0, 97, 0xe0, 49, 1, 4, 97, 97, 97, 97, 97]);
  stream(0, 'blosclz-match-one-shorter', [0, 97, 0xe0, 48, 0, 4, 97, 97, 97, 97, 97]);
  stream(0, 'blosclz-match-one-longer', [0, 97, 0xe0, 50, 0, 4, 97, 97, 97, 97, 97]);
  stream(0, 'blosclz-literals-beyond-the-stream', [0, 97, 0xe0, 49, 0, 5, 97, 97, 97, 97, 97]);
  stream(0, 'blosclz-length-without-end', [0, 97, 0xe0, ...Array<number>(20).fill(255)]);
  stream(ZSTD, 'zstd-other-magic', zstd.with(0, 0x27));
  stream(ZSTD, 'zstd-content-size-63', zstd.with(5, 63));
  stream(ZSTD, 'zstd-content-size-65', zstd.with(5, 65));
  stream(ZSTD, 'zstd-reserved-block', zstd.with(6, zstd[6]! | 6));
  stream(ZSTD, 'zstd-without-block', zstd.slice(0, 6));
  stream(ZSTD, 'zstd-cut', zstd.slice(0, -1));
  add(
    'unsupported',
    'zstd-dictionary',
    chunk(frame(64, [block(1, 64, Uint8Array.of(97), true)], 0x21, [9]), { flags: EXTENDED | NOT_SPLIT | ZSTD }),
  );
  return vectors;
}
