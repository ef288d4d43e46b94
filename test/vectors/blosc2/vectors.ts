/**
 * The vectors of chunks.txt: chunks that our reference encoder wrote, whole and damaged on purpose, with what a decoder must make of them.
 *
 *     name   expected   bytes   digest   chunk in hex         expected: ok, damaged, unsupported, too-large (for more than MAX_BYTES)
 *
 * `node test/vectors/blosc2/make.ts` writes the file again.
 */
import { createHash } from 'node:crypto';
import { type EncodeOptions, encodeChunk, specialChunk, storeChunk } from '../../../wasm/reference/encode.ts';
import { filterId } from '../../../wasm/reference/header.ts';
import { rawFrame } from './zstd-frames.ts';

export const MAX_BYTES = 1 << 20;

export interface Vector {
  readonly name: string;
  readonly expected: 'ok' | 'damaged' | 'unsupported' | 'too-large';
  readonly chunk: Uint8Array;
  /** What an accepted chunk decodes to. */
  readonly raw?: Uint8Array;
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

export function line({ name, expected, chunk, raw }: Vector): string {
  const content = raw ? `${raw.length} ${digest(raw)}` : '- -';
  return `${name} ${expected} ${content} ${Buffer.from(chunk).toString('hex')}`;
}

const step = (id: number, meta = 0) => ({ id, meta });
const base: EncodeOptions = {
  ...{ typesize: 4, blocksize: 64, codec: 'lz4', split: true, runs: true, extended: true, zstd: rawFrame },
  filters: [step(filterId.shuffle)],
};

/** Slow numbers with a run of zeros: something for each codec and filter. */
function sample(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = at % 4 === 0 ? at >> 3 : at % 4 === 1 ? (at >> 6) * 3 : 0;
  return bytes;
}

const filterSets = {
  none: [],
  shuffle: [step(filterId.shuffle)],
  'shuffle-by-2': [step(filterId.shuffle, 2)],
  bitshuffle: [step(filterId.bitshuffle)],
  delta: [step(filterId.delta)],
  'delta-shuffle': [step(filterId.delta), step(filterId.shuffle)],
  'delta-bitshuffle-shuffle': [step(filterId.delta), step(filterId.bitshuffle), step(filterId.shuffle)],
} as const;

export function validVectors(): Vector[] {
  const vectors: Vector[] = [];
  const add = (name: string, raw: Uint8Array, options: EncodeOptions): void => {
    vectors.push({ name, expected: 'ok', raw, chunk: encodeChunk(raw, options) });
  };
  for (const codec of ['blosclz', 'lz4', 'zstd'] as const) {
    for (const [name, filters] of Object.entries(filterSets)) {
      for (const split of [true, false])
        add(`${codec}-${name}-${split ? 'split' : 'whole'}`, sample(236), { ...base, codec, filters, split });
    }
    for (const [name, id] of [
      ['none', 0],
      ['shuffle', filterId.shuffle],
      ['bitshuffle', filterId.bitshuffle],
    ] as const) {
      const filters = id === 0 ? [] : [step(id)];
      const old = { ...base, codec, filters, split: false, runs: false, extended: false };
      add(`blosc1-${codec}-${name}`, sample(236), old);
    }
  }
  add('blosc1-split', sample(600), { ...base, typesize: 2, blocksize: 256, runs: false, extended: false });
  for (const typesize of [1, 2, 3, 7, 8, 16, 255])
    add(`typesize-${typesize}`, sample(typesize * 11), { ...base, typesize, blocksize: typesize * 8 });
  for (const length of [0, 1, 3, 4, 5, 63, 64, 65, 127, 128, 129]) {
    add(`length-${length}`, sample(length), { ...base, split: false });
    vectors.push({ name: `stored-${length}`, expected: 'ok', raw: sample(length), chunk: storeChunk(sample(length), base) });
    vectors.push({
      name: `stored-blosc1-${length}`,
      expected: 'ok',
      raw: sample(length),
      chunk: storeChunk(sample(length), { ...base, extended: false }),
    });
  }
  add('run-of-zeros', new Uint8Array(256), base);
  add('run-of-255', new Uint8Array(256).fill(255), base);
  add('no-runs', new Uint8Array(256).fill(7), { ...base, runs: false });
  add('header-version-3', sample(128), { ...base, version: 3 });
  add('header-version-6', sample(128), { ...base, version: 6 });
  const special = (name: string, chunk: Uint8Array, raw: Uint8Array): void => void vectors.push({ name, expected: 'ok', raw, chunk });
  for (const length of [0, 1, 64, 1000]) special(`zeros-${length}`, specialChunk({ kind: 'zero' }, length, 1, 64), new Uint8Array(length));
  special('uninitialised', specialChunk({ kind: 'uninitialized' }, 64, 4, 64), new Uint8Array(64));
  special('nan-4', specialChunk({ kind: 'nan' }, 64, 4, 64), new Uint8Array(new Float32Array(16).fill(Number.NaN).buffer));
  special('nan-8', specialChunk({ kind: 'nan' }, 64, 8, 64), new Uint8Array(new Float64Array(8).fill(Number.NaN).buffer));
  for (const size of [1, 3, 4, 8]) {
    const value = sample(64).subarray(40, 40 + size);
    const raw = Uint8Array.from({ length: 24 }, (_, at) => value[at % size]!);
    special(`value-${size}`, specialChunk({ kind: 'value', value }, 24, size, 24), raw);
  }
  const behind = encodeChunk(sample(128), base);
  special('bytes-behind-the-chunk', Uint8Array.from([...behind, 1, 2, 3]), sample(128));
  return vectors;
}
