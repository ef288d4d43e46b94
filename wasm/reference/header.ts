/**
 * The header of a chunk (c-blosc2, README_CHUNK_FORMAT), as fields and as bytes. Integers are little endian.
 *
 *      0 version   1 versionlz   2 flags   3 typesize   4 nbytes   8 blocksize   12 cbytes                      Blosc1: 16 bytes
 *     16 filters[6]   22 udcodec   23 codec meta   24 filters_meta[6]   30 blosc2_flags2   31 blosc2_flags      Blosc2: 32 bytes
 *
 * The longer header is there when both shuffle bits of `flags` are set, which makes no sense in Blosc1.
 */
import { ChunkFailure, mustHold } from './failure.ts';

export const HEADER_BYTES = 16;
export const EXTENDED_HEADER_BYTES = 32;

/** Bits of `flags`; the codec's format is in the three highest. */
export const flag = { shuffle: 0x01, memcpyed: 0x02, bitshuffle: 0x04, delta: 0x08, notSplit: 0x10 } as const;
/** Bits of `blosc2_flags`; the special value is in bits 4 to 6. */
export const flag2 = { dictionary: 0x01, lazy: 0x08, instrumented: 0x80 } as const;
/** Bit 0 of `blosc2_flags2`. */
const VARIABLE_BLOCKS = 0x01;

export const codecFormat = { blosclz: 0, lz4: 1, zlib: 3, zstd: 4, userDefined: 6 } as const;
export const filterId = { none: 0, shuffle: 1, bitshuffle: 2, delta: 3, truncate: 4 } as const;
export const specialId = { none: 0, zero: 1, nan: 2, value: 3, uninitialized: 4 } as const;

export const FILTERS_MAX = 6;
/** Largest block c-blosc2 accepts. */
const BLOCK_BYTES_MAX = 536_866_816;
/** So that a stored chunk's length still is an int32. */
const RAW_BYTES_MAX = 2 ** 31 - 1 - EXTENDED_HEADER_BYTES;
const VERSION_BLOSC1 = 2;
const VERSION_ALPHA = 3;
/** What we leave in a slot that does not count. */
const UNINITIALIZED = 0xee;
const VERSION_MAX = 6;

export interface FilterStep {
  readonly id: number;
  readonly meta: number;
}

export interface ChunkHeader {
  readonly version: number;
  readonly flags: number;
  readonly extended: boolean;
  readonly typesize: number;
  /** Bytes of the decoded chunk. */
  readonly nbytes: number;
  /** Bytes of every block but the last, at most nbytes. */
  readonly blocksize: number;
  /** Bytes of the chunk, header included. */
  readonly cbytes: number;
  /** In the order the encoder applies them. */
  readonly filters: readonly FilterStep[];
  /** One of codecFormat, or a number that this package does not know. */
  readonly codec: number;
  /** One of specialId. */
  readonly special: number;
  readonly blosc2Flags: number;
}

export function headerBytes(header: Pick<ChunkHeader, 'extended'>): number {
  return header.extended ? EXTENDED_HEADER_BYTES : HEADER_BYTES;
}

export function parseHeader(chunk: Uint8Array): ChunkHeader {
  mustHold(chunk.length >= HEADER_BYTES, `a chunk has at least ${HEADER_BYTES} bytes, this has ${chunk.length}`);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const [version, flags, typesize] = [view.getUint8(0), view.getUint8(2), view.getUint8(3)];
  const [nbytes, blocksize, cbytes] = [view.getInt32(4, true), view.getInt32(8, true), view.getInt32(12, true)];
  const extended = (flags & flag.shuffle) !== 0 && (flags & flag.bitshuffle) !== 0;
  mustHold(version > 0, 'version is 0');
  if (version > VERSION_MAX) throw new ChunkFailure('unsupported', `format version ${version}`);
  mustHold(typesize > 0, 'typesize is 0');
  mustHold(nbytes >= 0 && nbytes <= RAW_BYTES_MAX, `nbytes is ${nbytes}`);
  mustHold(blocksize > 0 && blocksize <= BLOCK_BYTES_MAX, `blocksize is ${blocksize}`);
  mustHold(cbytes >= headerBytes({ extended }), `cbytes is ${cbytes}, less than the header`);
  mustHold(cbytes <= chunk.length, `cbytes is ${cbytes}, but only ${chunk.length} bytes are there`);
  const blosc2Flags = extended ? view.getUint8(31) : 0;
  const blosc2Flags2 = extended ? view.getUint8(30) : 0;
  const special = (blosc2Flags >> 4) & 0x07;
  if (blosc2Flags2 !== 0) {
    throw new ChunkFailure('unsupported', blosc2Flags2 & VARIABLE_BLOCKS ? 'blocks of variable length' : `flags ${blosc2Flags2}`);
  }
  return {
    version,
    flags,
    extended,
    typesize,
    nbytes,
    blocksize: nbytes > 0 ? Math.min(blocksize, nbytes) : blocksize,
    cbytes,
    filters: extended ? filtersOfPipeline(chunk, version) : filtersOfFlags(flags),
    codec: flags >> 5,
    special,
    blosc2Flags,
  };
}

function filtersOfPipeline(chunk: Uint8Array, version: number): FilterStep[] {
  const steps: FilterStep[] = [];
  for (let slot = 0; slot < slotsOf(version); slot += 1) {
    const id = chunk[16 + slot]!;
    if (id !== filterId.none) steps.push({ id, meta: chunk[24 + slot]! });
  }
  return steps;
}

/** The alpha releases left the last slot uninitialized. */
function slotsOf(version: number): number {
  return version === VERSION_ALPHA ? FILTERS_MAX - 1 : FILTERS_MAX;
}

/** Blosc1 knows delta, then one of the shuffles. */
function filtersOfFlags(flags: number): FilterStep[] {
  const steps: FilterStep[] = [];
  if (flags & flag.delta) steps.push({ id: filterId.delta, meta: 0 });
  if (flags & flag.shuffle) steps.push({ id: filterId.shuffle, meta: 0 });
  if (flags & flag.bitshuffle) steps.push({ id: filterId.bitshuffle, meta: 0 });
  return steps;
}

/** The last block is split only when it is full; Blosc1 had a rule instead of a flag before its release 1.14. */
export function streamsOfBlock(header: ChunkHeader, blockBytes: number): number {
  if ((header.flags & flag.notSplit) !== 0 || blockBytes < header.blocksize) return 1;
  if (header.version <= VERSION_BLOSC1 && (header.typesize > 16 || Math.floor(header.blocksize / header.typesize) < 128)) return 1;
  return header.typesize;
}

export function writeHeader(target: Uint8Array, header: ChunkHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setUint8(0, header.version);
  view.setUint8(1, 1);
  view.setUint8(2, header.flags);
  view.setUint8(3, header.typesize);
  view.setInt32(4, header.nbytes, true);
  view.setInt32(8, header.blocksize, true);
  view.setInt32(12, header.cbytes, true);
  if (!header.extended) return;
  // As the real encoder does: one filter sits in the last slot that counts.
  const slots = slotsOf(header.version);
  const first = slots - header.filters.length;
  target.fill(UNINITIALIZED, 16 + slots, 16 + FILTERS_MAX);
  for (const [index, { id, meta }] of header.filters.entries()) {
    target[16 + first + index] = id;
    target[24 + first + index] = meta;
  }
  view.setUint8(22, header.codec);
  view.setUint8(31, header.blosc2Flags | (header.special << 4));
}
