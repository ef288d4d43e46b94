/**
 * Decodes a chunk the plain way: every rule of the format is one visible line, nothing is fast. The oracle of the tests.
 *
 *     chunk ──header──▶ special value?  stored?  else for each block: its streams ──codec──▶ block ──filters, last first──▶ bytes
 */
import { decodeBloscLz } from './blosclz.ts';
import { ChunkFailure, mustHold } from './failure.ts';
import { bitunshuffle, deltaAgainst, isBitshuffled, undeltaWithin, unshuffle } from './filters.ts';
import {
  type ChunkHeader,
  codecFormat,
  EXTENDED_HEADER_BYTES,
  filterId,
  flag,
  flag2,
  headerBytes,
  parseHeader,
  specialId,
  streamsOfBlock,
} from './header.ts';
import { decodeLz4 } from './lz4.ts';

export interface DecodeOptions {
  /** A chunk that decodes to more is refused before anything is allocated. */
  readonly maxBytes: number;
  /** Decodes a Zstandard frame of at most `bytes` decoded bytes; without it such chunks are unsupported. */
  readonly zstd?: ((frame: Uint8Array, bytes: number) => Uint8Array) | undefined;
}

/** @throws ChunkFailure */
export function decodeChunk(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const header = parseHeader(bytes);
  const chunk = bytes.subarray(0, header.cbytes);
  if (header.nbytes > options.maxBytes) throw new ChunkFailure('too-large', `${header.nbytes} bytes, more than ${options.maxBytes}`);
  const stored = (header.flags & flag.memcpyed) !== 0;
  mustHold(!stored || header.cbytes === headerBytes(header) + header.nbytes, 'a stored chunk of another length');
  if (header.special !== specialId.none) return specialValues(chunk, header);
  if (stored) return chunk.slice(headerBytes(header));
  if (header.nbytes === 0) return new Uint8Array(0);
  if (header.blosc2Flags & flag2.lazy) throw new ChunkFailure('unsupported', 'a lazy chunk has no data');
  if (header.blosc2Flags & flag2.dictionary) throw new ChunkFailure('unsupported', 'dictionaries');
  if (header.blosc2Flags & flag2.instrumented) throw new ChunkFailure('unsupported', 'instrumented codecs');
  for (const { id } of header.filters) if (id > filterId.truncate) throw new ChunkFailure('unsupported', `filter ${id}`);
  return decodeBlocks(chunk, header, options);
}

function specialValues(chunk: Uint8Array, { special, nbytes, typesize }: ChunkHeader): Uint8Array {
  if (special === specialId.zero) return new Uint8Array(nbytes);
  if (special === specialId.value) {
    const value = chunk.subarray(EXTENDED_HEADER_BYTES);
    mustHold(value.length > 0 && nbytes >= value.length && nbytes % value.length === 0, `${nbytes} bytes of values of ${value.length}`);
    return repeated(value, nbytes);
  }
  mustHold(nbytes % typesize === 0, `${nbytes} bytes of elements of ${typesize}`);
  if (special === specialId.uninitialized) return new Uint8Array(nbytes);
  mustHold(special === specialId.nan, `special value ${special}`);
  mustHold(typesize === 4 || typesize === 8, `NaN of ${typesize} bytes`);
  return repeated(typesize === 4 ? Uint8Array.of(0, 0, 0xc0, 0x7f) : Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f), nbytes);
}

function repeated(value: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => value[at % value.length]!);
}

function decodeBlocks(chunk: Uint8Array, header: ChunkHeader, options: DecodeOptions): Uint8Array {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const blocks = Math.ceil(header.nbytes / header.blocksize);
  const startsAt = headerBytes(header);
  const dataAt = startsAt + 4 * blocks;
  mustHold(dataAt <= chunk.length, `${blocks} block starts don't fit into ${chunk.length} bytes`);
  const result = new Uint8Array(header.nbytes);
  for (let index = 0; index < blocks; index += 1) {
    const from = index * header.blocksize;
    const block = result.subarray(from, from + header.blocksize);
    const start = view.getInt32(startsAt + 4 * index, true);
    mustHold(start >= dataAt && start < chunk.length, `block ${index} starts at ${start}`);
    const streams = decodeStreams(chunk, start, block.length, header, options);
    block.set(undoFilters(streams, header, index === 0 ? undefined : result.subarray(0, header.blocksize)));
  }
  return result;
}

function decodeStreams(chunk: Uint8Array, start: number, blockBytes: number, header: ChunkHeader, options: DecodeOptions): Uint8Array {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const streams = streamsOfBlock(header, blockBytes);
  mustHold(blockBytes % streams === 0, `a block of ${blockBytes} bytes in ${streams} streams`);
  const block = new Uint8Array(blockBytes);
  const streamBytes = blockBytes / streams;
  let at = start;
  for (let stream = 0; stream < streams; stream += 1) {
    const target = block.subarray(stream * streamBytes, (stream + 1) * streamBytes);
    mustHold(at + 4 <= chunk.length, 'ends before the length of a stream');
    const length = view.getInt32(at, true);
    at += 4;
    if (length < 0) {
      mustHold(at < chunk.length, 'ends before the token of a run');
      mustHold((chunk[at]! & 1) === 1 && length >= -255, `stream of length ${length} with token ${chunk[at]}`);
      target.fill(-length);
      at += 1;
      continue;
    }
    mustHold(at + length <= chunk.length, `a stream of ${length} bytes, ${chunk.length - at} are there`);
    if (length > 0) decodeStream(chunk.subarray(at, at + length), target, header.codec, options);
    at += length;
  }
  return block;
}

function decodeStream(stream: Uint8Array, target: Uint8Array, codec: number, { zstd }: DecodeOptions): void {
  if (stream.length === target.length) target.set(stream);
  else if (codec === codecFormat.blosclz) decodeBloscLz(stream, target);
  else if (codec === codecFormat.lz4) decodeLz4(stream, target);
  else if (codec === codecFormat.zstd && zstd) {
    const decoded = zstd(stream, target.length);
    mustHold(decoded.length === target.length, `Zstandard: ${decoded.length} bytes instead of ${target.length}`);
    target.set(decoded);
  } else throw new ChunkFailure('unsupported', `codec ${codec}`);
}

/** `first` is the decoded first block, for all blocks but itself. */
function undoFilters(encoded: Uint8Array, { filters, typesize, version }: ChunkHeader, first: Uint8Array | undefined): Uint8Array {
  let block = encoded;
  for (const { id, meta } of filters.toReversed()) {
    if (id === filterId.shuffle) block = unshuffle(block, meta === 0 ? typesize : meta);
    else if (id === filterId.bitshuffle) block = isBitshuffled(block, typesize, version) ? bitunshuffle(block, typesize) : block;
    else if (id === filterId.delta) block = first ? deltaAgainst(first, block, typesize) : undeltaWithin(block, typesize);
  }
  return block;
}
