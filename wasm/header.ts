/**
 * The header of a chunk: 16 bytes (Blosc1), or 32 (Blosc2). Little endian.
 *
 *      0 version │ 1 codec version │ 2 flags │ 3 typesize │ 4 nbytes │ 8 blocksize │ 12 cbytes
 *     16 filters (6) │ 22 codec │ 23 codec's parameter │ 24 filters' parameters (6) │ 30 flags 3 │ 31 flags 2
 *
 * Whether it is the long one says flags: shuffle and bitshuffle at once. A header that was read here is consistent in itself and with the
 * length of the bytes it came with.
 */
import { codecNumbers, formatName, isKnownFormat } from './codec.ts';
import { Blosc2Error } from './error.ts';
import { BITSHUFFLE, DELTA, filterName, PLACES, SHUFFLE, TRUNC_PREC } from './filters.ts';

export const SHORT_HEADER_BYTES = 16;
export const HEADER_BYTES = 32;
/** c-blosc2's own limits. */
export const CHUNK_RAW_BYTES_MAX = 2 ** 31 - 1 - HEADER_BYTES;
export const BLOCK_BYTES_MAX = 536_866_816;

/** The last version of Blosc1. */
const BLOSC1_VERSION = 2;
const VERSION_WRITTEN = 5;
const VERSION_MAX = 6;
const flag = { shuffle: 1, memcpyed: 2, bitshuffle: 4, delta: 8, notSplit: 16 } as const;
const EXTENDED = flag.shuffle | flag.bitshuffle;
const flag2 = { dictionary: 1, lazy: 8, instrumented: 128 } as const;
const specials = ['none', 'zeros', 'nans', 'value', 'uninitialised'] as const;

/** `value`: one element's bytes, repeated. What was never initialised decodes to zeros. */
export type Special = (typeof specials)[number];

export interface Header {
  readonly version: number;
  readonly headerBytes: number;
  readonly typesize: number;
  /** Raw. */
  readonly nbytes: number;
  /** Of the chunk, header included. */
  readonly cbytes: number;
  readonly blocksize: number;
  readonly blocks: number;
  readonly special: Special;
  readonly memcpyed: boolean;
  readonly split: boolean;
  readonly codec: string;
  readonly format: number;
  readonly filters: Uint8Array;
  readonly parameters: Uint8Array;
}

/** Throws `damaged` or `unsupported`. */
export function readHeader(chunk: Uint8Array): Header {
  if (chunk.byteLength < SHORT_HEADER_BYTES) throw damaged(`${chunk.byteLength} bytes; a chunk has at least ${SHORT_HEADER_BYTES}`);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const version = view.getUint8(0);
  const flags = view.getUint8(2);
  const typesize = view.getUint8(3);
  const nbytes = view.getInt32(4, true);
  const blocksizeSaid = view.getInt32(8, true);
  const cbytes = view.getInt32(12, true);
  if (version === 0) throw damaged('format version 0');
  if (version > VERSION_MAX) throw new Blosc2Error('unsupported', `format version ${version}; expected at most ${VERSION_MAX}`);
  const extended = (flags & EXTENDED) === EXTENDED;
  const headerBytes = extended ? HEADER_BYTES : SHORT_HEADER_BYTES;
  if (cbytes < headerBytes || cbytes > chunk.byteLength) throw damaged(`says it has ${cbytes} bytes, and there are ${chunk.byteLength}`);
  if (typesize === 0) throw damaged('typesize 0');
  if (nbytes < 0 || nbytes > CHUNK_RAW_BYTES_MAX) throw damaged(`says it has ${nbytes} raw bytes`);

  const filters = new Uint8Array(PLACES);
  const parameters = new Uint8Array(PLACES);
  let special: Special = 'none';
  if (extended) {
    filters.set(chunk.subarray(16, 16 + PLACES));
    parameters.set(chunk.subarray(24, 24 + PLACES));
    if (version === 3) filters[PLACES - 1] = 0; // That version left the sixth undefined.
    special = readFlags2(view.getUint8(31), view.getUint8(30));
  } else {
    if (flags & flag.shuffle) filters[PLACES - 1] = SHUFFLE;
    if (flags & flag.bitshuffle) filters[PLACES - 1] = BITSHUFFLE;
    if (flags & flag.delta) filters[PLACES - 2] = DELTA;
  }
  if (blocksizeSaid <= 0 || blocksizeSaid > BLOCK_BYTES_MAX) throw damaged(`blocksize ${blocksizeSaid}`);
  const blocksize = nbytes > 0 ? Math.min(blocksizeSaid, nbytes) : blocksizeSaid;
  const blocks = Math.ceil(nbytes / blocksize);
  const memcpyed = (flags & flag.memcpyed) !== 0;
  const split = (flags & flag.notSplit) === 0 && (version > BLOSC1_VERSION || isSplitInBlosc1(typesize, blocksize));
  const codec = extended ? view.getUint8(22) : 0;
  const format = flags >> 5;
  const header = { version, headerBytes, typesize, nbytes, cbytes, blocksize, blocks, special, memcpyed, split };
  checkContent(header, format, codec, filters);
  return { ...header, codec: formatName(format, codec), format, filters, parameters };
}

/** Blosc1 had this rule before it had the flag, and its decoders still ask for both. */
function isSplitInBlosc1(typesize: number, blocksize: number): boolean {
  return typesize <= 16 && Math.floor(blocksize / typesize) >= 128;
}

function readFlags2(flags2: number, flags3: number): Special {
  if (flags3 & 1) throw new Blosc2Error('unsupported', 'blocks of variable length');
  if (flags3 !== 0) throw new Blosc2Error('unsupported', `flags ${flags3} of a later format`);
  const special = specials[(flags2 >> 4) & 7];
  if (special === undefined) throw damaged(`special value ${(flags2 >> 4) & 7}; expected 0 to ${specials.length - 1}`);
  if (special !== 'none') return special;
  if (flags2 & flag2.dictionary) throw new Blosc2Error('unsupported', 'compressed with a dictionary');
  if (flags2 & flag2.lazy) throw new Blosc2Error('unsupported', 'a lazy chunk: its blocks are in another file');
  if (flags2 & flag2.instrumented) throw new Blosc2Error('unsupported', 'measurements of a codec instead of data');
  return special;
}

/** What there is behind the header must suffice for what the header says. */
function checkContent(
  header: Pick<Header, 'headerBytes' | 'typesize' | 'nbytes' | 'cbytes' | 'blocksize' | 'blocks' | 'special' | 'memcpyed' | 'split'>,
  format: number,
  codec: number,
  filters: Uint8Array,
): void {
  const { headerBytes, typesize, nbytes, cbytes, blocksize, special } = header;
  if (special === 'value') {
    const bytes = cbytes - headerBytes;
    if (bytes === 0 || nbytes % bytes !== 0) throw damaged(`a value of ${bytes} bytes is repeated in ${nbytes} bytes`);
  } else if (special === 'nans') {
    if (typesize !== 4 && typesize !== 8) throw damaged(`NaNs of ${typesize} bytes; expected 4 or 8`);
    if (nbytes % typesize !== 0) throw damaged(`NaNs of ${typesize} bytes in ${nbytes} bytes`);
  } else if (special === 'none' && header.memcpyed) {
    if (cbytes !== headerBytes + nbytes) throw damaged(`${nbytes} bytes stored as they are, in a chunk of ${cbytes}`);
  } else if (special === 'none' && nbytes > 0) {
    if (!isKnownFormat(format)) {
      throw new Blosc2Error(
        'unsupported',
        `compressed with ${formatName(format, codec)}; known are ${Object.keys(codecNumbers).join(', ')}`,
      );
    }
    for (const filter of filters) {
      if (filter > TRUNC_PREC) throw new Blosc2Error('unsupported', `${filterName(filter)}, a plugin or a user's own`);
    }
    if (headerBytes + 4 * header.blocks >= cbytes) throw damaged(`${header.blocks} blocks in ${cbytes} bytes`);
    if (header.split && blocksize % typesize !== 0 && nbytes >= blocksize) {
      throw damaged(`blocks of ${blocksize} bytes in ${typesize} streams`);
    }
  }
}

function damaged(found: string): Blosc2Error {
  return new Blosc2Error('damaged', `no Blosc chunk: ${found}`);
}

export interface HeaderToWrite {
  readonly typesize: number;
  readonly nbytes: number;
  readonly cbytes: number;
  readonly blocksize: number;
  readonly split: boolean;
  readonly memcpyed: boolean;
  readonly special: Special;
  readonly codec: { readonly codec: number; readonly format: number };
  readonly filters: Uint8Array;
  readonly parameters: Uint8Array;
}

/** Writes the 32 bytes of a Blosc2 header to the beginning of `chunk`. */
export function writeHeader(chunk: Uint8Array, header: HeaderToWrite): void {
  const { codec, filters } = header;
  const view = new DataView(chunk.buffer, chunk.byteOffset, HEADER_BYTES);
  view.setUint8(0, VERSION_WRITTEN);
  view.setUint8(1, 1);
  let flags = EXTENDED | (codec.format << 5);
  if (header.memcpyed) flags |= flag.memcpyed;
  if (filters.includes(DELTA)) flags |= flag.delta;
  if (!header.split) flags |= flag.notSplit;
  view.setUint8(2, flags);
  view.setUint8(3, header.typesize);
  view.setInt32(4, header.nbytes, true);
  view.setInt32(8, header.blocksize, true);
  view.setInt32(12, header.cbytes, true);
  chunk.set(filters, 16);
  view.setUint8(22, codec.codec);
  view.setUint8(23, 0);
  chunk.set(header.parameters, 24);
  view.setUint8(30, 0);
  view.setUint8(31, specials.indexOf(header.special) << 4);
}

/** Whether what it stands for is in blocks, and not in the header itself or stored behind it. */
export function hasBlocks(header: Header): boolean {
  return header.special === 'none' && !header.memcpyed && header.nbytes > 0;
}
