/**
 * Part on the wire, without copying its payload: exactly the protobuf encoding of `mesh.v1.Part`, with field 15 written last.
 *
 *     ┌ grpc frame, 5 ┬ fields 1–6, some 30 bytes ┬ tag and length of 15 ┬ payload, up to 1 MiB ┐
 *     └───────────────┴───── head ────────────────┴──────────────────────┴─ copied once, by grpc-js into its frame
 *
 * grpc-js asks a serializer for a Buffer, of which it uses `byteLength` and `copy` to write the message behind its 5-byte frame.
 * `PartBytes` answers these two from its two pieces, so the payload is not first joined with the head (one copy of every byte saved;
 * on a device with 0.4 of a core it counts). Decoding takes a view.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { MeshError } from '../../error.ts';
import { dtypeOfCode, dtypes } from '../../tensor.ts';
import type { Part } from '../link.ts';

const PAYLOAD_TAG = (15 << 3) | 2;
const NO_BYTES = new Uint8Array(0);

/** The part of Buffer's interface that grpc-js uses on a serialized message. */
export class PartBytes {
  readonly byteLength: number;
  readonly #head: Uint8Array;
  readonly #payload: Uint8Array;

  constructor(head: Uint8Array, payload: Uint8Array) {
    this.#head = head;
    this.#payload = payload;
    this.byteLength = head.byteLength + payload.byteLength;
  }

  get length(): number {
    return this.byteLength;
  }

  copy(target: Uint8Array, at = 0): number {
    target.set(this.#head, at);
    target.set(this.#payload, at + this.#head.byteLength);
    return this.byteLength;
  }
}

export function encodePart(part: Part): Buffer {
  const writer = new BinaryWriter();
  if (part.frame !== 0n) writer.uint32(8).uint64(part.frame);
  if (part.tensor !== 0) writer.uint32(16).uint32(part.tensor);
  if (part.offset !== 0) writer.uint32(24).uint64(part.offset);
  if (part.rawBytes !== 0) writer.uint32(32).uint32(part.rawBytes);
  if (part.codec !== 'none') writer.uint32(42).string(part.codec);
  if (part.head !== undefined) {
    writer.uint32(50).fork();
    writer.uint32(8).int32(dtypes[part.head.dtype].code);
    writer.uint32(18).fork();
    for (const dim of part.head.dims) writer.uint64(dim);
    writer.join();
    if (part.head.bytes !== 0) writer.uint32(24).uint64(part.head.bytes);
    writer.join();
  }
  writer.uint32(PAYLOAD_TAG).uint32(part.payload.byteLength);
  return new PartBytes(writer.finish(), part.payload) as unknown as Buffer;
}

/** Error `invalid` for anything that is not a Part. The payload is a view into `bytes`. */
export function decodePart(bytes: Uint8Array): Part {
  try {
    return readPart(new BinaryReader(bytes));
  } catch (error) {
    throw new MeshError('invalid', `a message on a tensor stream is no Part: ${MeshError.from(error).message}`, { cause: error });
  }
}

function readPart(reader: BinaryReader): Part {
  let frame = 0n;
  let tensor = 0;
  let offset = 0;
  let rawBytes = 0;
  let codec = 'none';
  let head: Part['head'];
  let payload: Uint8Array = NO_BYTES;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case 8:
        frame = BigInt(reader.uint64());
        break;
      case 16:
        tensor = reader.uint32();
        break;
      case 24:
        offset = Number(reader.uint64());
        break;
      case 32:
        rawBytes = reader.uint32();
        break;
      case 42:
        codec = reader.string();
        break;
      case 50:
        head = readHead(reader, reader.uint32());
        break;
      case PAYLOAD_TAG:
        payload = reader.bytes();
        break;
      default:
        reader.skip(tag & 7, tag >>> 3);
    }
  }
  const part = { frame, tensor, offset, rawBytes, codec, payload };
  return head === undefined ? part : { ...part, head };
}

function readHead(reader: BinaryReader, length: number): NonNullable<Part['head']> {
  const end = reader.pos + length;
  let dtype = 0;
  let bytes = 0;
  const dims: number[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 8) dtype = reader.int32();
    else if (tag === 18) {
      const dimsEnd = reader.uint32() + reader.pos;
      while (reader.pos < dimsEnd) dims.push(Number(reader.uint64()));
    } else if (tag === 16) dims.push(Number(reader.uint64()));
    else if (tag === 24) bytes = Number(reader.uint64());
    else reader.skip(tag & 7, tag >>> 3);
  }
  return { dtype: dtypeOfCode(dtype), dims, bytes };
}
