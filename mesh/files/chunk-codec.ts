/**
 * GetReply and PutRequest on the wire without copying their payload. The two have the same shape: a head on the first message, then
 * a chunk of the file. What is written here is exactly their protobuf encoding, with field 15 last; what is read may come in any order.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { FileEntry, PutHead } from '../../proto/gen/mesh/v1/files.ts';
import { NO_CODEC } from '../codec.ts';
import { MeshError } from '../error.ts';
import { type Frame, FrameBytes } from './frame-bytes.ts';

export interface Chunk {
  /** Where the raw bytes go in the file. */
  readonly offset: number;
  readonly rawBytes: number;
  readonly codec: string;
  readonly payload: Uint8Array;
  /** On the sender's side: where the message is put together. */
  readonly frame?: Frame;
}

export interface GetChunk extends Chunk {
  readonly entry?: FileEntry;
}

export interface PutChunk extends Chunk {
  readonly head?: PutHead;
}

const HEAD_TAG = (1 << 3) | 2;
const PAYLOAD_TAG = (15 << 3) | 2;
const NO_BYTES = new Uint8Array(0);

/** A message that carries a head and nothing of the file. */
export const noChunk: Chunk = { offset: 0, rawBytes: 0, codec: NO_CODEC, payload: NO_BYTES };

export function encodeGetChunk(message: GetChunk): Buffer {
  return encode(message.entry && FileEntry.encode(message.entry).finish(), message);
}

/** Error `invalid` for anything that is not a GetReply. The payload is a view into `bytes`. */
export function decodeGetChunk(bytes: Uint8Array): GetChunk {
  return decode(bytes, 'GetReply', (head, chunk) => (head === undefined ? chunk : { ...chunk, entry: FileEntry.decode(head) }));
}

export function encodePutChunk(message: PutChunk): Buffer {
  return encode(message.head && PutHead.encode(message.head).finish(), message);
}

/** Error `invalid` for anything that is not a PutRequest. The payload is a view into `bytes`. */
export function decodePutChunk(bytes: Uint8Array): PutChunk {
  return decode(bytes, 'PutRequest', (head, chunk) => (head === undefined ? chunk : { ...chunk, head: PutHead.decode(head) }));
}

function encode(head: Uint8Array | undefined, chunk: Chunk): Buffer {
  const writer = new BinaryWriter();
  if (head !== undefined) writer.uint32(HEAD_TAG).bytes(head);
  if (chunk.offset !== 0) writer.uint32(16).uint64(chunk.offset);
  if (chunk.rawBytes !== 0) writer.uint32(24).uint32(chunk.rawBytes);
  if (chunk.codec !== NO_CODEC) writer.uint32(34).string(chunk.codec);
  writer.uint32(PAYLOAD_TAG).uint32(chunk.payload.byteLength);
  return new FrameBytes(writer.finish(), chunk) as unknown as Buffer;
}

function decode<T>(bytes: Uint8Array, what: string, finish: (head: Uint8Array | undefined, chunk: Chunk) => T): T {
  try {
    const { head, chunk } = read(new BinaryReader(bytes));
    return finish(head, chunk);
  } catch (error) {
    throw new MeshError('invalid', `a message is no ${what}: ${MeshError.from(error).message}`, { cause: error });
  }
}

function read(reader: BinaryReader): { head: Uint8Array | undefined; chunk: Chunk } {
  let head: Uint8Array | undefined;
  let offset = 0;
  let rawBytes = 0;
  let codec = NO_CODEC;
  let payload: Uint8Array = NO_BYTES;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case HEAD_TAG:
        head = reader.bytes();
        break;
      case 16:
        offset = Number(reader.uint64());
        break;
      case 24:
        rawBytes = reader.uint32();
        break;
      case 34:
        codec = reader.string() || NO_CODEC;
        break;
      case PAYLOAD_TAG:
        payload = reader.bytes();
        break;
      default:
        reader.skip(tag & 7, tag >>> 3);
    }
  }
  return { head, chunk: { offset, rawBytes, codec, payload } };
}
