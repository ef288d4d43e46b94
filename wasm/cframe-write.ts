/**
 * Writes a contiguous frame (cframe-layout.ts has the picture), which python-blosc2 opens as a `.b2frame` file:
 *
 *     writeFile('activations.b2frame', writeFrame(chunks, { codec: blosc, metalayers: new Map([['origin', bytes]]) }));
 */
import {
  at,
  CHUNK_HEADER_BYTES,
  type FrameCodec,
  MAGIC,
  markers,
  OFFSETS_64,
  specialOffsets,
  TRAILER_END_BYTES,
  TRAILER_LENGTH_FROM_END,
  TRAILER_METALAYERS,
  VARIABLE_CHUNKS,
  VERSION_FIXED,
  VERSION_VARIABLE,
} from './cframe-layout.ts';
import { metalayerBytes } from './cframe-metalayers.ts';
import { Blosc2Error } from './error.ts';

export interface WriteFrameOptions {
  /** Compresses the offsets and the vlmetalayers; a `Blosc2`. */
  readonly codec: FrameCodec;
  /** Bytes of an element; default: that of the first chunk, or 1. */
  readonly typesize?: number;
  /** Named bytes in the header; names have at most 31 bytes. */
  readonly metalayers?: ReadonlyMap<string, Uint8Array>;
  /** Named bytes in the trailer, compressed. Readers of the format can change these later. */
  readonly vlmetalayers?: ReadonlyMap<string, Uint8Array>;
}

interface ChunkFacts {
  readonly nbytes: number;
  readonly blocksize: number;
  readonly cbytes: number;
  /** One of specialOffsets' numbers when the chunk need not be stored. */
  readonly special: number;
}

const FORWARD_COMPATIBLE_SPLIT = 3;
const DEFAULT_LEVEL = 5;

/**
 * A frame of Blosc2 chunks (32-byte headers). When all are as long as the first, but for a shorter last one, it is the common kind of
 * frame; otherwise one of version 3, which c-blosc2 reads since 3.0. Throws Blosc2Error `usage` for anything else than whole chunks.
 */
export function writeFrame(chunks: readonly Uint8Array[], options: WriteFrameOptions): Uint8Array<ArrayBuffer> {
  const found = chunks.map(factsOf);
  const chunksize = commonLength(found);
  if (chunks.length > 0 && found.every(({ nbytes }) => nbytes === 0)) throw new Blosc2Error('usage', 'chunks without any data');
  // The length of a special value that is only an offset is that of all chunks.
  const facts = chunksize > 0 ? found : found.map((fact) => ({ ...fact, special: 0 }));
  const stored = facts.map(({ special, cbytes }) => (special === 0 ? cbytes : 0));
  const dataBytes = sum(stored);
  const head = headerOf(chunks, facts, chunksize, dataBytes, options);
  const offsets = chunks.length > 0 ? offsetsChunk(facts, stored, options.codec) : new Uint8Array(0);
  const tail = trailerOf(options);
  const frame = new Uint8Array(head.length + dataBytes + offsets.length + tail.length);
  frame.set(head);
  let to = head.length;
  for (const [index, chunk] of chunks.entries()) {
    frame.set(chunk.subarray(0, stored[index]), to);
    to += stored[index]!;
  }
  frame.set(offsets, to);
  frame.set(tail, to + offsets.length);
  new DataView(frame.buffer).setBigUint64(at.frameLength, BigInt(frame.length));
  return frame;
}

function factsOf(chunk: Uint8Array, index: number): ChunkFacts {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk.length < CHUNK_HEADER_BYTES || (chunk[2]! & 5) !== 5) {
    throw new Blosc2Error('usage', `chunk ${index} has no Blosc2 header; frames hold no Blosc1 chunks`);
  }
  const cbytes = view.getInt32(12, true);
  if (cbytes < CHUNK_HEADER_BYTES || cbytes > chunk.length) throw new Blosc2Error('usage', `chunk ${index} is not complete`);
  const special = (chunk[31]! >> 4) & 7;
  const values: readonly number[] = Object.values(specialOffsets);
  return {
    nbytes: view.getInt32(4, true),
    blocksize: view.getInt32(8, true),
    cbytes,
    special: values.includes(special) && cbytes === CHUNK_HEADER_BYTES ? special : 0,
  };
}

function headerOf(
  chunks: readonly Uint8Array[],
  facts: readonly ChunkFacts[],
  chunksize: number,
  dataBytes: number,
  options: WriteFrameOptions,
): Uint8Array {
  const layers = metalayerBytes(options.metalayers ?? new Map(), at.metalayers, 'header');
  const head = new Uint8Array(at.metalayers + layers.length);
  const view = new DataView(head.buffer);
  for (const [place, byte] of markers) head[place] = byte;
  head.set(new TextEncoder().encode(MAGIC), at.magic);
  view.setInt32(at.headerLength, head.length);
  head[at.generalFlags] = OFFSETS_64 | (chunksize === 0 && chunks.length > 0 ? VERSION_VARIABLE | VARIABLE_CHUNKS : VERSION_FIXED);
  // Defaults for whoever appends: those of the first chunk that was compressed.
  const model = chunks.find((_, index) => facts[index]!.special === 0) ?? new Uint8Array(CHUNK_HEADER_BYTES);
  head[at.codecFlags] = model[22]! | (DEFAULT_LEVEL << 4);
  head[at.splitMode] = FORWARD_COMPATIBLE_SPLIT;
  head[at.codec] = model[22]!;
  head[at.codecMeta] = model[23]!;
  head[at.pipeline + 1] = 6;
  head.set(model.subarray(16, 22), at.filters);
  head.set(model.subarray(24, 30), at.filtersMeta);
  view.setBigInt64(at.nbytes, BigInt(sum(facts.map(({ nbytes }) => nbytes))));
  view.setBigInt64(at.cbytes, BigInt(dataBytes));
  view.setInt32(at.typesize, options.typesize ?? (chunks[0]?.[3] || 1));
  view.setInt32(at.blocksize, facts[0]?.blocksize ?? 0);
  view.setInt32(at.chunksize, chunksize);
  view.setInt16(at.threads, 1);
  view.setInt16(at.moreThreads, 1);
  head[at.hasVlmetalayers] = (options.vlmetalayers?.size ?? 0) > 0 ? 0xc3 : 0xc2;
  head.set(layers, at.metalayers);
  return head;
}

/** The length of all decoded chunks but the last, which may be shorter; 0 when they differ. */
function commonLength(facts: readonly ChunkFacts[]): number {
  const first = facts[0]?.nbytes ?? 0;
  const last = facts.at(-1)?.nbytes ?? 0;
  return last > 0 && last <= first && facts.slice(0, -1).every(({ nbytes }) => nbytes === first) ? first : 0;
}

function offsetsChunk(facts: readonly ChunkFacts[], stored: readonly number[], codec: FrameCodec): Uint8Array {
  const offsets = new DataView(new ArrayBuffer(8 * facts.length));
  let offset = 0;
  for (const [index, { special }] of facts.entries()) {
    const value = special === 0 ? BigInt(offset) : (0x80n | BigInt(special)) << 56n;
    offsets.setBigUint64(8 * index, value, true);
    offset += stored[index]!;
  }
  return codec.compress(new Uint8Array(offsets.buffer), { typesize: 8 });
}

function trailerOf({ codec, vlmetalayers = new Map<string, Uint8Array>() }: WriteFrameOptions): Uint8Array {
  const compressed = new Map([...vlmetalayers].map(([name, bytes]) => [name, codec.compress(bytes, { typesize: 1 })]));
  const layers = metalayerBytes(compressed, TRAILER_METALAYERS, 'trailer');
  const tail = new Uint8Array(TRAILER_METALAYERS + layers.length + TRAILER_END_BYTES);
  const view = new DataView(tail.buffer);
  tail[0] = 0x94;
  tail[1] = 1;
  tail.set(layers, TRAILER_METALAYERS);
  tail[tail.length - TRAILER_END_BYTES] = 0xce;
  view.setUint32(tail.length - TRAILER_LENGTH_FROM_END, tail.length);
  // No fingerprint: type 0, and 16 bytes of zeros.
  tail[tail.length - TRAILER_END_BYTES + 5] = 0xd8;
  return tail;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
