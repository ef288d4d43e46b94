/**
 * Reads a contiguous frame (cframe-layout.ts has the picture). Nothing in it is believed: each length and offset is checked against the
 * bytes that are there, and what is allocated is bounded.
 *
 *     const { chunks, metalayers } = readFrame(readFileSync('activations.b2frame'), { codec: blosc });
 *     for (const chunk of chunks) use(blosc.decompress(chunk, { maxBytes }));
 */
import {
  at,
  CHUNK_HEADER_BYTES,
  type FrameCodec,
  MAGIC,
  markers,
  specialOffsets,
  TRAILER_END_BYTES,
  TRAILER_LENGTH_FROM_END,
  TRAILER_METALAYERS,
  VARIABLE_BLOCKS,
  VERSION_VARIABLE,
} from './cframe-layout.ts';
import { readMetalayers } from './cframe-metalayers.ts';
import { Blosc2Error } from './error.ts';

export interface ReadFrameOptions {
  /** Decompresses the offsets and the vlmetalayers; a `Blosc2`. */
  readonly codec: FrameCodec;
  /** At most so many bytes of offsets (8 for each chunk), and of vlmetalayers together. Default 16 MiB. */
  readonly maxBytes?: number;
}

export interface Frame {
  readonly typesize: number;
  /** Of the first chunk, in bytes. */
  readonly blocksize: number;
  /** Bytes of each decoded chunk but the last; 0 when they differ. */
  readonly chunksize: number;
  /** Bytes of all decoded chunks together. */
  readonly nbytes: number;
  /** Chunks as they are in the frame (views, no copies); for a special value that is only an offset, a chunk of 32 bytes. */
  readonly chunks: readonly Uint8Array[];
  readonly metalayers: ReadonlyMap<string, Uint8Array>;
  /** Decompressed. */
  readonly vlmetalayers: ReadonlyMap<string, Uint8Array>;
}

interface Header {
  readonly headerBytes: number;
  readonly trailerFrom: number;
  readonly nbytes: number;
  readonly cbytes: number;
  readonly typesize: number;
  readonly blocksize: number;
  readonly chunksize: number;
  readonly hasVlmetalayers: boolean;
}

const BYTES_MAX = 1 << 24;

/** Throws Blosc2Error: `damaged`, `unsupported`, or `too-large` for maxBytes. */
export function readFrame(frame: Uint8Array, { codec, maxBytes = BYTES_MAX }: ReadFrameOptions): Frame {
  const header = readHeader(frame);
  const { headerBytes, trailerFrom, typesize, blocksize, chunksize, nbytes } = header;
  const trailer = frame.subarray(trailerFrom);
  return {
    ...{ typesize, blocksize, chunksize, nbytes },
    chunks: readChunks(frame, header, codec, maxBytes),
    metalayers: readMetalayers(frame.subarray(0, headerBytes), at.metalayers),
    vlmetalayers: header.hasVlmetalayers ? readVlmetalayers(trailer, codec, maxBytes) : new Map(),
  };
}

function readHeader(frame: Uint8Array): Header {
  if (frame.length < at.metalayers + TRAILER_END_BYTES) throw damaged(`${frame.length} bytes are too few`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (const [place, byte] of markers) {
    if (frame[place] !== byte) throw damaged(`byte ${frame[place]} at ${place} where ${byte} belongs`);
  }
  if (new TextDecoder().decode(frame.subarray(at.magic, at.magic + MAGIC.length)) !== MAGIC) throw damaged('another magic');
  const version = frame[at.generalFlags]! & 0x0f;
  if (version > VERSION_VARIABLE) throw new Blosc2Error('unsupported', `frame version ${version}; expected at most ${VERSION_VARIABLE}`);
  if (((frame[at.generalFlags]! >> 4) & 3) !== 1) throw new Blosc2Error('unsupported', 'offsets of another width than 64 bits');
  if (frame[at.generalFlags]! & VARIABLE_BLOCKS) throw new Blosc2Error('unsupported', 'blocks of variable length');
  if ((frame[at.frameType]! & 0x0f) !== 0) throw new Blosc2Error('unsupported', 'a sparse frame: its chunks are in other files');
  const frameBytes = wholeNumber(view.getBigUint64(at.frameLength), 'frame length');
  const headerBytes = view.getInt32(at.headerLength);
  if (frameBytes > frame.length) throw damaged(`says it has ${frameBytes} bytes, and there are ${frame.length}`);
  if (frameBytes < frame.length) throw damaged(`${frame.length - frameBytes} bytes behind its end`);
  if (headerBytes < at.metalayers || headerBytes > frameBytes - TRAILER_END_BYTES) throw damaged(`a header of ${headerBytes} bytes`);
  const nbytes = wholeNumber(view.getBigInt64(at.nbytes), 'nbytes');
  const cbytes = wholeNumber(view.getBigInt64(at.cbytes), 'cbytes');
  const [typesize, blocksize, chunksize] = [view.getInt32(at.typesize), view.getInt32(at.blocksize), view.getInt32(at.chunksize)];
  if (typesize <= 0 || blocksize < 0 || chunksize < 0)
    throw damaged(`typesize ${typesize}, blocksize ${blocksize}, chunksize ${chunksize}`);
  const flag = frame[at.hasVlmetalayers];
  if (flag !== 0xc2 && flag !== 0xc3) throw damaged(`byte ${flag} where true or false belongs`);
  const trailerBytes = view.getUint32(frameBytes - TRAILER_LENGTH_FROM_END);
  const trailerFrom = frameBytes - trailerBytes;
  if (
    frame[frameBytes - TRAILER_END_BYTES] !== 0xce ||
    trailerBytes < TRAILER_END_BYTES + TRAILER_METALAYERS ||
    trailerFrom < headerBytes
  ) {
    throw damaged(`a trailer of ${trailerBytes} bytes`);
  }
  if (headerBytes + cbytes > trailerFrom) throw damaged(`${cbytes} bytes of chunks in a frame of ${frameBytes}`);
  return { headerBytes, trailerFrom, nbytes, cbytes, typesize, blocksize, chunksize, hasVlmetalayers: flag === 0xc3 };
}

function readChunks(frame: Uint8Array, header: Header, codec: FrameCodec, maxBytes: number): Uint8Array[] {
  const { headerBytes, trailerFrom, nbytes, cbytes, chunksize } = header;
  const data = frame.subarray(headerBytes, headerBytes + cbytes);
  const offsetsChunk = frame.subarray(headerBytes + cbytes, trailerFrom);
  if (offsetsChunk.length === 0) {
    if (nbytes !== 0) throw damaged(`${nbytes} bytes, but no chunks`);
    return [];
  }
  const bytes = codec.decompress(offsetsChunk, { maxBytes });
  if (bytes.length % 8 !== 0) throw damaged(`offsets of ${bytes.length} bytes`);
  const offsets = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / 8;
  if (chunksize > 0 && count !== Math.ceil(nbytes / chunksize)) throw damaged(`${count} chunks of ${chunksize} bytes in ${nbytes}`);
  // One object for all chunks of the same special value and length.
  const specials = new Map<string, Uint8Array>();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    const expected = chunksize === 0 ? undefined : Math.min(chunksize, nbytes - index * chunksize);
    const offset = offsets.getBigInt64(8 * index, true);
    const chunk = offset < 0n ? specialChunk(offset, expected, header, specials) : storedChunk(data, offset);
    const length = new DataView(chunk.buffer, chunk.byteOffset).getInt32(4, true);
    if (length < 0 || (expected !== undefined && length !== expected)) throw damaged(`chunk ${index} of ${length} bytes`);
    total += length;
    chunks.push(chunk);
  }
  if (total !== nbytes) throw damaged(`chunks of ${total} bytes together, instead of ${nbytes}`);
  return chunks;
}

function storedChunk(data: Uint8Array, offset: bigint): Uint8Array {
  if (offset > BigInt(data.length - CHUNK_HEADER_BYTES)) throw damaged(`a chunk at ${offset}, behind the last one`);
  const from = Number(offset);
  const cbytes = new DataView(data.buffer, data.byteOffset + from).getInt32(12, true);
  if (cbytes < CHUNK_HEADER_BYTES || cbytes > data.length - from) throw damaged(`a chunk of ${cbytes} bytes at ${offset}`);
  return data.subarray(from, from + cbytes);
}

/** A chunk that is nothing but its header. */
function specialChunk(offset: bigint, nbytes: number | undefined, header: Header, known: Map<string, Uint8Array>): Uint8Array {
  const special = Number((offset >> 56n) & 0x7fn);
  const values: readonly number[] = Object.values(specialOffsets);
  if (!values.includes(special)) throw damaged(`special value ${special}; expected ${values.join(', ')}`);
  if (nbytes === undefined) throw damaged('a special value in the place of a chunk of unknown length');
  const key = `${special} ${nbytes}`;
  const made = known.get(key);
  if (made) return made;
  const chunk = new Uint8Array(CHUNK_HEADER_BYTES);
  const view = new DataView(chunk.buffer);
  chunk.set([5, 1, 5, Math.min(header.typesize, 255)]);
  view.setInt32(4, nbytes, true);
  view.setInt32(8, Math.max(1, Math.min(header.blocksize || nbytes, nbytes)), true);
  view.setInt32(12, CHUNK_HEADER_BYTES, true);
  chunk[31] = special << 4;
  known.set(key, chunk);
  return chunk;
}

function readVlmetalayers(trailer: Uint8Array, codec: FrameCodec, maxBytes: number): Map<string, Uint8Array> {
  const layers = new Map<string, Uint8Array>();
  let left = maxBytes;
  for (const [name, chunk] of readMetalayers(trailer, TRAILER_METALAYERS)) {
    const bytes = codec.decompress(chunk, { maxBytes: left });
    left -= bytes.length;
    layers.set(name, bytes);
  }
  return layers;
}

function wholeNumber(value: bigint, what: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`${what} ${value}`);
  return Number(value);
}

function damaged(found: string): Blosc2Error {
  return new Blosc2Error('damaged', `no Blosc2 frame: ${found}`);
}
