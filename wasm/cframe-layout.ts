/**
 * A contiguous frame: many chunks in one file (c-blosc2, README_CFRAME_FORMAT). Header and trailer are msgpack at fixed places, so that they
 * can be read without a parser; their integers are big endian.
 *
 *     header │ chunk 0 │ chunk 1 │ … │ offsets, a chunk of int64 │ trailer
 *
 * Offsets count from the end of the header. A chunk of one special value is not there: its offset is negative and says which value.
 */

/** Where each marker of msgpack and each field of the header is. */
export const at = {
  array: 0,
  magicLength: 1,
  magic: 2,
  headerLength: 11,
  frameLength: 16,
  flagsLength: 24,
  generalFlags: 25,
  frameType: 26,
  codecFlags: 27,
  splitMode: 28,
  nbytes: 30,
  cbytes: 39,
  typesize: 48,
  blocksize: 53,
  chunksize: 58,
  threads: 63,
  moreThreads: 66,
  hasVlmetalayers: 68,
  pipeline: 69,
  filters: 71,
  codec: 77,
  codecMeta: 78,
  filtersMeta: 79,
  metalayers: 87,
} as const;

export const MAGIC = 'b2frame\0';
/** What is at places that every reader expects: markers of msgpack, and the number of filters. */
export const markers: readonly (readonly [at: number, byte: number])[] = [
  [at.array, 0x9e],
  [at.magicLength, 0xa8],
  [at.headerLength - 1, 0xd2],
  [at.frameLength - 1, 0xcf],
  [at.flagsLength, 0xa4],
  [at.nbytes - 1, 0xd3],
  [at.cbytes - 1, 0xd3],
  [at.typesize - 1, 0xd2],
  [at.blocksize - 1, 0xd2],
  [at.chunksize - 1, 0xd2],
  [at.threads - 1, 0xd1],
  [at.moreThreads - 1, 0xd1],
  [at.pipeline, 0xd8],
];

/** Frame versions: with chunks of one length, and with chunks of any length. */
export const VERSION_FIXED = 2;
export const VERSION_VARIABLE = 3;
/** Bits of the general flags, besides the version in the lowest four: offsets of 64 bits, chunks of any length, blocks of any length. */
export const OFFSETS_64 = 0x10;
export const VARIABLE_CHUNKS = 0x40;
export const VARIABLE_BLOCKS = 0x80;

/** Bytes of a chunk's header; frames hold no Blosc1 chunks. */
export const CHUNK_HEADER_BYTES = 32;
/** Trailer: array, version, metalayers, length (5), fingerprint (18). */
export const TRAILER_END_BYTES = 23;
/** The trailer's length is this far from its end. */
export const TRAILER_LENGTH_FROM_END = 22;
export const TRAILER_METALAYERS = 2;

/** The special values that an offset can stand for, as a chunk's flags number them. */
export const specialOffsets = { zeros: 1, nans: 2, uninitialised: 4 } as const;

/** What a frame needs of a Blosc2 context: its own offsets and its vlmetalayers are chunks. `Blosc2` is one. */
export interface FrameCodec {
  compress(bytes: Uint8Array, options: { readonly typesize: number }): Uint8Array;
  decompress(chunk: Uint8Array, options: { readonly maxBytes: number }): Uint8Array;
}
