/**
 * What chunks are made of in property tests: data with every kind of regularity a codec looks for, and settings that reach each variant of
 * the format.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import type { EncodeOptions } from '../../../wasm/reference/encode.ts';
import { type FilterStep, filterId } from '../../../wasm/reference/header.ts';

export const zstdFrame = (bytes: Uint8Array): Uint8Array => new Uint8Array(zstdCompressSync(bytes));
export const zstdBytes = (frame: Uint8Array, bytes: number): Uint8Array =>
  new Uint8Array(zstdDecompressSync(frame, { maxOutputLength: Math.max(bytes, 1) }));

const noise = (maxLength: number) => fc.uint8Array({ maxLength });

/** Pieces, each repeated: matches near and far, overlapping ones too. */
const pieces = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 25 })
  .map((parts) => Uint8Array.from(Buffer.concat(parts.flatMap(([piece, times]) => Array.from({ length: times }, () => piece)))));

/** Numbers that grow slowly: what shuffle and delta are for. */
const ramp = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer(), fc.integer({ min: -5, max: 5 })).map(([length, start, step]) => {
  const numbers = Int32Array.from({ length }, (_, at) => start + step * at);
  return new Uint8Array(numbers.buffer);
});

const constant = fc
  .tuple(fc.integer({ min: 0, max: 9000 }), fc.oneof(fc.constant(0), fc.nat(255)))
  .map(([length, byte]) => new Uint8Array(length).fill(byte));

export const data = fc.oneof(noise(3000), noise(40), pieces, ramp, constant);

/** A repeated piece a long way behind noise: distances that need the long forms. */
export const farApart = fc
  .tuple(fc.uint8Array({ minLength: 20, maxLength: 60 }), fc.integer({ min: 7000, max: 75_000 }), fc.integer({ min: 0, max: 2 ** 30 }))
  .map(([piece, gap, seed]) => Uint8Array.from(Buffer.concat([piece, randomBytes(gap, seed), piece, piece])));

/** Noise that nothing compresses; xorshift32. */
export function randomBytes(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

export const typesizes = fc.oneof(fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 255 }));

const shuffleStep: fc.Arbitrary<FilterStep> = fc
  .oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 }))
  .map((meta) => ({ id: filterId.shuffle, meta }));
const bitshuffleStep = fc.constant<FilterStep>({ id: filterId.bitshuffle, meta: 0 });
const deltaStep = fc.constant<FilterStep>({ id: filterId.delta, meta: 0 });

/** Lossless pipelines of the longer header. c-blosc2's own encoder wants delta in front. */
const pipelines = fc
  .tuple(fc.option(deltaStep, { nil: undefined }), fc.array(fc.oneof(shuffleStep, bitshuffleStep), { maxLength: 2 }))
  .map(([delta, others]) => (delta ? [delta, ...others] : others));

/** Settings for data of any length; blocks are whole elements. `zstd` only where asked for. */
export const settings: fc.Arbitrary<EncodeOptions> = fc
  .record({
    typesize: typesizes,
    elements: fc.integer({ min: 1, max: 2000 }),
    codec: fc.constantFrom('blosclz' as const, 'lz4' as const, 'zstd' as const),
    filters: pipelines,
    split: fc.boolean(),
    runs: fc.boolean(),
  })
  .map(({ elements, ...rest }) => ({ ...rest, blocksize: elements * rest.typesize, extended: true, zstd: zstdFrame }));

/** What Blosc1 can say: one shuffle, perhaps delta, no runs. Splits follow its rule of old. */
export const settingsBlosc1: fc.Arbitrary<EncodeOptions> = fc
  .tuple(settings, fc.constantFrom(filterId.none, filterId.shuffle, filterId.bitshuffle))
  .map(([options, id]) => ({
    ...options,
    filters: id === filterId.none ? [] : [{ id, meta: 0 }],
    runs: false,
    extended: false,
  }));

/** The last block is not split, but a chunk that is one block is; then it must be whole elements. */
export function wholeElements(bytes: Uint8Array, { typesize, blocksize, split }: EncodeOptions): Uint8Array {
  return split && bytes.length < blocksize ? bytes.slice(0, bytes.length - (bytes.length % typesize)) : bytes;
}
