/**
 * Encodes the chunks of one route as its cycle of codecs says: all chunks of a frame with the same codec, unless it falls back.
 */
import { type ChunkLayout, type Codec, type EncodedChunk, notEncoded } from '../codec.ts';
import { type CodecCycle, checkCodecCycle, codecAt } from '../codec-cycle.ts';
import type { FrameId } from '../frame.ts';

export class RouteEncoder {
  readonly #codecs: ReadonlyMap<string, Codec>;
  #cycle: CodecCycle;

  /** Errors: those of `checkCodecCycle`. */
  constructor(cycle: CodecCycle, codecs: ReadonlyMap<string, Codec>) {
    checkCodecCycle(cycle, codecs);
    this.#codecs = codecs;
    this.#cycle = cycle;
  }

  /** From the next frame on. Errors: those of `checkCodecCycle`; then nothing changes. */
  change(cycle: CodecCycle): void {
    checkCodecCycle(cycle, this.#codecs);
    this.#cycle = cycle;
  }

  /** Undefined: the frame travels as it is. */
  codecOf(id: FrameId): Codec | undefined {
    return this.#codecs.get(codecAt(this.#cycle, id));
  }
}

/** Never larger than raw: what does not shrink travels as it is. */
export function encodeChunk(codec: Codec | undefined, raw: Uint8Array, layout: ChunkLayout): EncodedChunk {
  const encoded = codec?.encode(raw, layout);
  return encoded !== undefined && encoded.payload.byteLength < raw.byteLength ? encoded : notEncoded(raw);
}
