/**
 * The codecs this build knows, by name. `none` is no codec: a chunk that travels as it is names none.
 *
 * Both ends of a transfer look codecs up here, so that they can't disagree about what a name means.
 */
import type { Codec } from '../codec.ts';
import { MeshError } from '../error.ts';
import { lz4 } from './lz4.ts';

/** What a chunk says that is not encoded. */
export const NO_CODEC = 'none';

export const chunkCodecs: ReadonlyMap<string, Codec> = new Map([lz4].map((codec) => [codec.name, codec]));

/**
 * The raw bytes of a received chunk: the payload itself, or decoded. `rawBytesMax` bounds what a sender may make us allocate.
 * Error `invalid` when the chunk is damaged, too large or not as long as it says, `unsupported` when its codec is not known.
 */
export function decodeChunk(
  known: ReadonlyMap<string, Codec>,
  chunk: { readonly codec: string; readonly rawBytes: number; readonly payload: Uint8Array },
  rawBytesMax: number,
): Uint8Array {
  const { codec: name, rawBytes, payload } = chunk;
  if (rawBytes > rawBytesMax) throw new MeshError('invalid', `a chunk of ${rawBytes} bytes is larger than the ${rawBytesMax} expected`);
  if (name === NO_CODEC || name === '') {
    if (payload.byteLength === rawBytes) return payload;
    throw new MeshError('invalid', `a chunk carries ${payload.byteLength} bytes and says it has ${rawBytes}`);
  }
  const codec = known.get(name);
  if (codec === undefined) {
    throw new MeshError('unsupported', `codec "${name}" is not known here; known are ${[NO_CODEC, ...known.keys()].join(', ')}`);
  }
  return codec.decode(payload, rawBytes);
}
