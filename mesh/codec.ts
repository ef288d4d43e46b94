/**
 * A codec is a value with a name and two functions: how a chunk of a tensor travels. Decode is always bounded, and needs nothing but the
 * chunk: chunks are encoded, sent and decoded by themselves.
 */
import type { DType } from './tensor.ts';

/** Where a chunk lies in its tensor: what a codec must know that treats channels differently. */
export interface ChunkLayout {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Index in the tensor of the chunk's first element. */
  readonly first: number;
}

export interface EncodedChunk {
  /** The codec that decodes it: the one asked, one that it fell back to, or `none` (the payload is the raw bytes). */
  readonly codec: string;
  readonly payload: Uint8Array;
  /** No decoded value is further from its raw value than this; 0: lossless. */
  readonly errorMax: number;
}

export interface Codec {
  readonly name: string;
  readonly lossless: boolean;
  /** For a person: "lossless", or what the error is bounded by. */
  readonly fidelity: string;
  /** The payload is a new buffer, or `raw` itself when nothing is gained by encoding it. `raw` holds whole elements. */
  encode(raw: Uint8Array, layout: ChunkLayout): EncodedChunk;
  /** Fills `into`. Error `invalid` when the encoded bytes are damaged or decode to another length; `into` is then undefined. */
  decode(encoded: Uint8Array, into: Uint8Array): void;
}

/** What a chunk says that is not encoded. */
export const NO_CODEC = 'none';

/** A chunk that travels as it is. */
export function notEncoded(raw: Uint8Array): EncodedChunk {
  return { codec: NO_CODEC, payload: raw, errorMax: 0 };
}
