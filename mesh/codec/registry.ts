/**
 * The codecs this build knows, by name. `none` is no codec: a chunk that travels as it is names none.
 *
 * Both ends of a transfer look codecs up here, so that they can't disagree about what a name means.
 */
import { type Codec, NO_CODEC } from '../codec.ts';
import { MeshError } from '../error.ts';
import { affineCodec } from './affine.ts';
import { blosc2 } from './blosc2.ts';
import { float16Codec } from './float16.ts';
import { lz4 } from './lz4.ts';
import { sparseCodec } from './sparse.ts';
import { truncateCodecs } from './truncate.ts';

/** For tensors. Those that can't do a chunk leave it to blosc2. */
export const tensorCodecs: ReadonlyMap<string, Codec> = byName([
  lz4,
  blosc2,
  sparseCodec(blosc2),
  float16Codec('fp16', blosc2),
  float16Codec('bf16', blosc2),
  affineCodec(8, blosc2),
  affineCodec(6, blosc2),
  affineCodec(4, blosc2),
  ...truncateCodecs(blosc2),
]);

/** For files, of which every byte counts. */
export const fileCodecs: ReadonlyMap<string, Codec> = byName([lz4]);

export interface ReceivedChunk {
  readonly codec: string;
  readonly rawBytes: number;
  readonly payload: Uint8Array;
}

/**
 * The raw bytes of a received chunk: the payload itself, or decoded. `rawBytesMax` bounds what a sender may make us allocate.
 * Error `invalid` when the chunk is damaged, too large or not as long as it says, `unsupported` when its codec is not known.
 */
export function decodeChunk(known: ReadonlyMap<string, Codec>, chunk: ReceivedChunk, rawBytesMax: number): Uint8Array {
  const { rawBytes } = chunk;
  if (rawBytes > rawBytesMax) throw new MeshError('invalid', `a chunk of ${rawBytes} bytes is larger than the ${rawBytesMax} expected`);
  const codec = codecOf(known, chunk);
  if (codec === undefined) return chunk.payload;
  const raw = new Uint8Array(rawBytes);
  codec.decode(chunk.payload, raw);
  return raw;
}

/** The same, into its place, which has the size that the chunk says. */
export function decodeChunkInto(known: ReadonlyMap<string, Codec>, chunk: ReceivedChunk, into: Uint8Array): void {
  const codec = codecOf(known, chunk);
  if (codec === undefined) into.set(chunk.payload);
  else codec.decode(chunk.payload, into);
}

/** Undefined: the chunk travelled as it is. */
function codecOf(known: ReadonlyMap<string, Codec>, { codec: name, rawBytes, payload }: ReceivedChunk): Codec | undefined {
  if (name === NO_CODEC || name === '') {
    if (payload.byteLength === rawBytes) return undefined;
    throw new MeshError('invalid', `a chunk carries ${payload.byteLength} bytes and says it has ${rawBytes}`);
  }
  const codec = known.get(name);
  if (codec === undefined) {
    throw new MeshError('unsupported', `codec "${name}" is not known here; known are ${[NO_CODEC, ...known.keys()].join(', ')}`);
  }
  return codec;
}

function byName(codecs: readonly Codec[]): ReadonlyMap<string, Codec> {
  return new Map(codecs.map((codec) => [codec.name, codec]));
}
