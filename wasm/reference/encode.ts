/**
 * Writes each variant of the chunk format on purpose: whoever tests a decoder says what the chunk shall look like.
 *
 *     bytes ──blocks──▶ filters, first one first ──streams──▶ run │ codec │ stored ──▶ header, block starts, streams
 *
 * The real encoder chooses by itself; here `form`, `split`, `runs` and `extended` choose. What such an encoder must be able to promise holds:
 * `chunk.length <= bytes.length + header` when `form` is 'stored'.
 */
import { encodeBloscLz } from './blosclz.ts';
import { bitshuffle, deltaAgainst, deltaWithin, isBitshuffled, shuffle, truncate } from './filters.ts';
import {
  type ChunkHeader,
  codecFormat,
  type FilterStep,
  filterId,
  flag,
  headerBytes,
  specialId,
  streamsOfBlock,
  writeHeader,
} from './header.ts';
import { encodeLz4 } from './lz4.ts';

export type Codec = 'blosclz' | 'lz4' | 'zstd';

export interface EncodeOptions {
  /** 1 to 255 bytes. */
  readonly typesize: number;
  /** Bytes; at most one block when it is larger than the data. */
  readonly blocksize: number;
  readonly codec: Codec;
  /** At most six, in the order they are applied. The 16-byte header knows delta, then one of the shuffles. */
  readonly filters: readonly FilterStep[];
  /** One stream for each byte of an element; blocks must then be whole elements. */
  readonly split: boolean;
  /** Streams of one repeated byte become runs, as in chunks with the longer header. */
  readonly runs: boolean;
  readonly extended: boolean;
  readonly version?: number;
  /** Encodes a Zstandard frame. */
  readonly zstd?: ((bytes: Uint8Array) => Uint8Array) | undefined;
}

export function encodeChunk(bytes: Uint8Array, options: EncodeOptions): Uint8Array {
  const header = headerOf(bytes.length, options);
  const blocks = Math.ceil(header.nbytes / header.blocksize);
  const starts: number[] = [];
  const parts: Uint8Array[] = [];
  let at = headerBytes(header) + 4 * blocks;
  for (let index = 0; index < blocks; index += 1) {
    const raw = bytes.subarray(index * header.blocksize, (index + 1) * header.blocksize);
    starts.push(at);
    for (const part of encodeStreams(applyFilters(raw, bytes.subarray(0, header.blocksize), index, header), header, options)) {
      parts.push(part);
      at += part.length;
    }
  }
  const chunk = new Uint8Array(at);
  writeHeader(chunk, { ...header, cbytes: at });
  const view = new DataView(chunk.buffer);
  for (const [index, start] of starts.entries()) view.setInt32(headerBytes(header) + 4 * index, start, true);
  let to = headerBytes(header) + 4 * blocks;
  for (const part of parts) {
    chunk.set(part, to);
    to += part.length;
  }
  return chunk;
}

/** The bytes as they are, behind a header: what an encoder does when nothing gets smaller. */
export function storeChunk(bytes: Uint8Array, options: EncodeOptions): Uint8Array {
  const header = headerOf(bytes.length, options);
  const chunk = new Uint8Array(headerBytes(header) + bytes.length);
  writeHeader(chunk, { ...header, flags: header.flags | flag.memcpyed, cbytes: chunk.length });
  chunk.set(bytes, headerBytes(header));
  return chunk;
}

export type Special = { readonly kind: 'zero' | 'nan' | 'uninitialized' } | { readonly kind: 'value'; readonly value: Uint8Array };

/** A chunk of `nbytes` bytes that is its header, and the value when one is repeated. */
export function specialChunk(special: Special, nbytes: number, typesize: number, blocksize: number): Uint8Array {
  const value = special.kind === 'value' ? special.value : new Uint8Array(0);
  const options = { typesize, blocksize, codec: 'blosclz', filters: [], split: true, runs: true, extended: true } as const;
  const header = headerOf(nbytes, options);
  const chunk = new Uint8Array(headerBytes(header) + value.length);
  writeHeader(chunk, { ...header, special: specialId[special.kind], cbytes: chunk.length });
  chunk.set(value, headerBytes(header));
  return chunk;
}

function headerOf(nbytes: number, options: EncodeOptions): ChunkHeader {
  const { typesize, codec, filters, split, extended } = options;
  const has = (id: number, bit: number): number => (filters.some((step) => step.id === id) ? bit : 0);
  const filterFlags = has(filterId.shuffle, flag.shuffle) | has(filterId.bitshuffle, flag.bitshuffle) | has(filterId.delta, flag.delta);
  const format = codecFormat[codec];
  const flags = filterFlags | (split ? 0 : flag.notSplit) | (extended ? flag.shuffle | flag.bitshuffle : 0) | (format << 5);
  return {
    version: options.version ?? (extended ? 5 : 2),
    flags,
    extended,
    typesize,
    nbytes,
    blocksize: nbytes > 0 ? Math.min(options.blocksize, nbytes) : options.blocksize,
    cbytes: 0,
    filters,
    codec: format,
    special: specialId.none,
    blosc2Flags: 0,
  };
}

/** Delta refers to what a decoder has: the first block as it will come out, truncated if that comes before. */
function applyFilters(raw: Uint8Array, firstRaw: Uint8Array, index: number, { filters, typesize, version }: ChunkHeader): Uint8Array {
  let block = raw;
  let first = firstRaw;
  for (const { id, meta } of filters) {
    if (id === filterId.shuffle) block = shuffle(block, meta === 0 ? typesize : meta);
    else if (id === filterId.bitshuffle) block = isBitshuffled(block, typesize, version) ? bitshuffle(block, typesize) : block;
    else if (id === filterId.delta) block = index === 0 ? deltaWithin(block, typesize) : deltaAgainst(first, block, typesize);
    else if (id === filterId.truncate) {
      const precision = (meta << 24) >> 24;
      block = truncate(block, typesize, precision);
      first = truncate(first, typesize, precision);
    }
  }
  return block;
}

function encodeStreams(block: Uint8Array, header: ChunkHeader, options: EncodeOptions): Uint8Array[] {
  const streams = streamsOfBlock(header, block.length);
  const streamBytes = block.length / streams;
  const parts: Uint8Array[] = [];
  for (let stream = 0; stream < streams; stream += 1) {
    const bytes = block.subarray(stream * streamBytes, (stream + 1) * streamBytes);
    if (options.runs && bytes.every((byte) => byte === bytes[0])) {
      parts.push(int32(-bytes[0]!));
      if (bytes[0] !== 0) parts.push(Uint8Array.of(1));
      continue;
    }
    const encoded = encodeStream(bytes, options);
    const smaller = encoded.length < bytes.length ? encoded : bytes;
    parts.push(int32(smaller.length), smaller);
  }
  return parts;
}

function encodeStream(bytes: Uint8Array, { codec, zstd }: EncodeOptions): Uint8Array {
  if (codec === 'lz4') return encodeLz4(bytes);
  if (codec === 'blosclz') return encodeBloscLz(bytes);
  if (!zstd) throw new Error('the encoder of Zstandard must be given');
  return zstd(bytes);
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
