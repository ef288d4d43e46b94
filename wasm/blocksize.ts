/**
 * How a chunk is divided: into blocks of `blocksize` bytes, which are compressed by themselves, and a whole block into as many streams as an
 * element has bytes when that pays (after shuffle, a stream holds the bytes of one significance). The same choices as c-blosc2, so that
 * sizes and speeds can be compared.
 */
import { type CodecName, isThorough } from './codec.ts';
import { SHUFFLE } from './filters.ts';

export type SplitMode = 'always' | 'never' | 'auto';

const KIB = 1024;
/** Streams shorter than this are not worth their length field. */
export const STREAM_BYTES_MIN = 32;
const STREAMS_MAX = 16;
/** Without streams: the smallest automatic block, and by how much each level is larger. */
const BLOCK_BYTES_MIN = 32 * KIB;
const BLOCK_FACTORS = [0.25, 0.5, 1, 2, 4, 4, 8, 8, 8, 8];
/** With streams: bytes of one stream for each level. */
const STREAM_BYTES = [0, 32, 32, 32, 64, 64, 64, 128, 256, 512].map((kib) => kib * KIB);
const BLOCK_BYTES_MAX = 4 * KIB * KIB;

export interface Division {
  readonly blocksize: number;
  readonly split: boolean;
}

export interface DivisionOptions {
  readonly bytes: number;
  readonly typesize: number;
  readonly codec: CodecName;
  readonly level: number;
  readonly filters: Uint8Array;
  /** Given by the caller; 0 for an automatic one. */
  readonly blocksize: number;
  readonly splitMode: SplitMode;
}

export function divide(options: DivisionOptions): Division {
  const { bytes, typesize } = options;
  if (bytes < typesize) return { blocksize: Math.max(1, bytes), split: false };
  let blocksize = options.blocksize > 0 ? options.blocksize : automatic(options);
  blocksize = Math.min(blocksize, bytes);
  if (blocksize > typesize) blocksize -= blocksize % typesize;
  return { blocksize, split: blocksize % typesize === 0 && isSplit(options, blocksize) };
}

function automatic(options: DivisionOptions): number {
  const { bytes, typesize, codec, level } = options;
  if (level > 0 && isSplit(options, bytes)) {
    return Math.max(Math.min(STREAM_BYTES[level]! * typesize, BLOCK_BYTES_MAX), BLOCK_BYTES_MIN);
  }
  if (bytes < BLOCK_BYTES_MIN) return bytes;
  const thorough = isThorough(codec);
  return BLOCK_BYTES_MIN * BLOCK_FACTORS[level]! * (thorough ? 2 : 1) * (thorough && level === 9 ? 2 : 1);
}

function isSplit(options: DivisionOptions, blocksize: number): boolean {
  const { codec, level, typesize, filters, splitMode } = options;
  if (splitMode !== 'auto') return splitMode === 'always';
  const fast = codec === 'blosclz' || codec === 'lz4' || (codec === 'zstd' && level <= 5);
  return fast && filters.includes(SHUFFLE) && typesize <= STREAMS_MAX && Math.floor(blocksize / typesize) >= STREAM_BYTES_MIN;
}
