/**
 * Decides for each chunk of one route how it travels: as it is, or encoded. One per route, because links differ.
 *
 *     'none'  never encoded          'lz4', …  always that codec, unless a chunk does not shrink
 *     'auto'  encoded while measurement says that it pays: time to encode + send the smaller + decode < time to send the raw
 */

import { pays } from '../codec/pays.ts';
import type { Codec } from '../codec.ts';
import { MeshError } from '../error.ts';

export interface EncodedChunk {
  readonly codec: string;
  readonly payload: Uint8Array;
}

/** Every so many chunks, `auto` tries its codec again: content and link change. */
const TRIAL_EVERY_CHUNKS = 64;
const AUTO_CODEC = 'lz4';
/**
 * The speed of the link is the best of this many recent transfers: most of them also waited for a processor or for the consumer, and a
 * codec makes neither of these shorter.
 */
const TRANSFERS_REMEMBERED = 32;
/** Below this a transfer is all latency and says nothing about speed. */
const TRANSFER_BYTES_MIN = 64 * 1024;

export class RouteEncoder {
  readonly #mode: string;
  readonly #codec: Codec | undefined;
  readonly #now: () => number;
  #chunks = 0;
  #encodes: boolean;
  #recentBytesPerS: number[] = [];

  /** `now` in milliseconds. Error `unsupported` when the codec is not known here. */
  constructor(mode: string, codecs: ReadonlyMap<string, Codec>, now: () => number) {
    this.#mode = mode;
    this.#now = now;
    this.#codec = mode === 'none' ? undefined : codecs.get(mode === 'auto' ? AUTO_CODEC : mode);
    if (mode !== 'none' && this.#codec === undefined) {
      throw new MeshError('unsupported', `codec "${mode}" is not known; expected none, auto or one of ${[...codecs.keys()].join(', ')}`);
    }
    this.#encodes = mode !== 'none' && mode !== 'auto';
  }

  encode(raw: Uint8Array): EncodedChunk {
    const codec = this.#codec;
    if (codec === undefined) return { codec: 'none', payload: raw };
    const trial = this.#mode === 'auto' && this.#recentBytesPerS.length > 0 && this.#chunks++ % TRIAL_EVERY_CHUNKS === 0;
    if (!trial && !this.#encodes) return { codec: 'none', payload: raw };
    const startMs = this.#now();
    const payload = codec.encode(raw);
    if (trial) {
      this.#encodes = pays({
        rawBytes: raw.byteLength,
        encodedBytes: payload.byteLength,
        encodeUs: (this.#now() - startMs) * 1000,
        linkBytesPerS: Math.max(...this.#recentBytesPerS),
      });
    }
    return payload.byteLength < raw.byteLength ? { codec: codec.name, payload } : { codec: 'none', payload: raw };
  }

  /** A frame's worth of bytes reached the consumer; from this `auto` learns the speed of the link. */
  transferred(wireBytes: number, transferUs: number): void {
    if (transferUs <= 0 || wireBytes < TRANSFER_BYTES_MIN) return;
    this.#recentBytesPerS = [(wireBytes / transferUs) * 1e6, ...this.#recentBytesPerS].slice(0, TRANSFERS_REMEMBERED);
  }
}
