/**
 * Valid bytes to start from: chunks of every variant that the reference encoder writes, streams of each codec, frames.
 */
import { constants, zstdCompressSync } from 'node:zlib';
import type { Random } from '../../../mesh/random.ts';
import type { FrameCodec } from '../../../wasm/cframe-layout.ts';
import { writeFrame } from '../../../wasm/cframe-write.ts';
import { type EncodeOptions, encodeChunk, type Special, specialChunk, storeChunk } from '../../../wasm/reference/encode.ts';
import { noise } from './mutate.ts';

/** 1 to `bytesMax` bytes with regularities: repeated pieces, slow numbers, runs, some noise. */
export function someData(bytesMax: number, random: Random): Uint8Array {
  const length = 1 + random.below(bytesMax);
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const end = Math.min(length, at + 1 + random.below(1 + random.below(400)));
    const kind = random.below(4);
    if (kind === 0) bytes.set(noise(end - at, random), at);
    else if (kind === 1) bytes.fill(random.below(4) === 0 ? random.below(256) : 0, at, end);
    else if (kind === 2 && at > 0) for (let to = at, distance = 1 + random.below(at); to < end; to += 1) bytes[to] = bytes[to - distance]!;
    else for (let to = at; to < end; to += 1) bytes[to] = to % 4 === 0 ? to >> 3 : 97 + (random.bits() & random.bits() & 15);
    at = end;
  }
  return bytes;
}

export function zstdFrame(bytes: Uint8Array, random: Random): Uint8Array {
  const params = {
    [constants.ZSTD_c_compressionLevel]: random.below(20) - 5,
    [constants.ZSTD_c_checksumFlag]: random.below(2),
    [constants.ZSTD_c_contentSizeFlag]: random.below(2),
  };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

function someOptions(random: Random): EncodeOptions {
  const typesize = random.below(3) === 0 ? 1 + random.below(255) : 1 << random.below(4);
  const extended = random.below(5) > 0;
  const shuffles = Array.from({ length: random.below(extended ? 3 : 2) }, () => {
    const id = 1 + random.below(2);
    return { id, meta: extended && id === 1 && random.below(4) === 0 ? 1 + random.below(20) : 0 };
  });
  return {
    ...{ typesize, extended, codec: (['blosclz', 'lz4', 'zstd'] as const)[random.below(3)]! },
    blocksize: typesize * (1 + random.below(Math.ceil(1500 / typesize))),
    filters: extended && random.below(3) === 0 ? [{ id: 3, meta: 0 }, ...shuffles] : shuffles,
    ...{ split: random.below(2) === 0, runs: extended && random.below(3) > 0, zstd: (bytes) => zstdFrame(bytes, random) },
  };
}

export function someChunk(random: Random): Uint8Array {
  const options = someOptions(random);
  const data = someData(2500, random);
  // A chunk of one block that is split must be whole elements.
  const bytes = data.subarray(0, data.length - (data.length % options.typesize));
  const kind = random.below(12);
  if (kind === 0) return storeChunk(bytes, options);
  if (kind > 1) return encodeChunk(bytes, options);
  const specials: readonly Special[] = [
    { kind: 'zero' },
    { kind: 'nan' },
    { kind: 'uninitialized' },
    { kind: 'value', value: noise(4, random) },
  ];
  return specialChunk(specials[random.below(4)]!, 4 * random.below(500), 4, 256);
}

/** A frame of a few chunks, with layers. */
export function someFrame(codec: FrameCodec, random: Random): Uint8Array {
  const options = { ...someOptions(random), extended: true };
  const length = options.typesize * (1 + random.below(40));
  const chunks = Array.from({ length: random.below(6) }, () =>
    random.below(4) === 0
      ? specialChunk({ kind: 'zero' }, length, options.typesize, length)
      : encodeChunk(noise(length, random), { ...options, blocksize: length }),
  );
  const layers = new Map(Array.from({ length: random.below(3) }, (_, index) => [`layer${index}`, noise(random.below(30), random)]));
  return writeFrame(chunks, { codec, metalayers: layers, vlmetalayers: layers });
}
