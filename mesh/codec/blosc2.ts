/**
 * `blosc2`: a Blosc2 chunk with LZ4. Lossless; any software that reads Blosc2 reads the payload.
 *
 *     a sample ─▶ shuffle? bitshuffle? none? ─▶ the smallest ─▶ the whole chunk
 *
 * Which filter helps depends on the data (bytes of floats that are near each other, bits of small integers), so all are tried on a sample
 * from the middle of each chunk.
 */
import { Blosc2 } from '../../wasm/blosc2.ts';
import type { Filter } from '../../wasm/filters.ts';
import { type Codec, notEncoded } from '../codec.ts';
import { MeshError } from '../error.ts';
import { dtypes } from '../tensor.ts';
import { decoding } from './fallback.ts';

/** A sample this large shows what LZ4 finds; smaller chunks get a smaller one, so that trying costs a fifth of compressing. */
const SAMPLE_BYTES_MAX = 16 * 1024;
const SAMPLE_BYTES_MIN = 4 * 1024;
const SAMPLE_SHARE = 1 / 16;
const candidates: readonly (readonly Filter[])[] = [['shuffle'], ['bitshuffle'], []];

let shared: Blosc2 | undefined;

/** The thread's, made when first needed. */
function context(): Blosc2 {
  shared ??= new Blosc2();
  return shared;
}

export const blosc2: Codec = {
  name: 'blosc2',
  lossless: true,
  fidelity: 'lossless',
  encode(raw, layout) {
    if (raw.byteLength === 0) return notEncoded(raw);
    const blosc = context();
    const typesize = dtypes[layout.dtype].bytes;
    const filters = bestFilters(blosc, raw, typesize);
    const payload = blosc.compress(raw, { codec: 'lz4', typesize, filters });
    return payload.byteLength < raw.byteLength ? { codec: 'blosc2', payload, errorMax: 0 } : notEncoded(raw);
  },
  decode(encoded, into) {
    const blosc = context();
    decoding('blosc2', into.byteLength, () => {
      const found = blosc.decompressInto(encoded, into);
      if (found !== into.byteLength) throw new MeshError('invalid', `a chunk of ${into.byteLength} bytes holds ${found}`);
    });
  },
};

function bestFilters(blosc: Blosc2, raw: Uint8Array, typesize: number): readonly Filter[] {
  const wanted = Math.min(SAMPLE_BYTES_MAX, Math.max(SAMPLE_BYTES_MIN, Math.floor(raw.byteLength * SAMPLE_SHARE)), raw.byteLength);
  const bytes = wanted - (wanted % typesize);
  const middle = (raw.byteLength - bytes) / 2;
  const from = middle - (middle % typesize);
  const sample = raw.subarray(from, from + bytes);
  const sizes = candidates.map((filters) => blosc.compress(sample, { codec: 'lz4', typesize, filters }).byteLength);
  return candidates[sizes.indexOf(Math.min(...sizes))]!;
}
