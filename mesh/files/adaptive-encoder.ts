/**
 * Decides for each chunk of a file how it travels: encoded while measurement says that it pays, that is while time to encode + send the smaller +
 * decode < time to send the raw.
 */
import { type Codec, type EncodedChunk, notEncoded } from '../codec.ts';
import { pays } from './pays.ts';

/** Every so many chunks it is tried again: content and link change. */
const TRIAL_EVERY_CHUNKS = 64;
/**
 * The speed of the link is the best of this many recent transfers: most of them also waited for a processor or for the consumer, and a
 * codec makes neither of these shorter.
 */
const TRANSFERS_REMEMBERED = 32;
/** Below this a transfer is all latency and says nothing about speed. */
const TRANSFER_BYTES_MIN = 64 * 1024;

export class AdaptiveEncoder {
  readonly #codec: Codec;
  readonly #now: () => number;
  #chunks = 0;
  #encodes = false;
  #recentBytesPerS: number[] = [];

  /** `now` in milliseconds. */
  constructor(codec: Codec, now: () => number) {
    this.#codec = codec;
    this.#now = now;
  }

  encode(raw: Uint8Array): EncodedChunk {
    const trial = this.#recentBytesPerS.length > 0 && this.#chunks++ % TRIAL_EVERY_CHUNKS === 0;
    if (!trial && !this.#encodes) return notEncoded(raw);
    const startMs = this.#now();
    const encoded = this.#codec.encode(raw, { dtype: 'uint8', dims: [raw.byteLength], first: 0 });
    if (trial) {
      this.#encodes = pays({
        rawBytes: raw.byteLength,
        encodedBytes: encoded.payload.byteLength,
        encodeUs: (this.#now() - startMs) * 1000,
        linkBytesPerS: Math.max(...this.#recentBytesPerS),
      });
    }
    return encoded;
  }

  /** So many bytes reached the other end; from this it learns the speed of the link. */
  transferred(wireBytes: number, transferUs: number): void {
    if (transferUs <= 0 || wireBytes < TRANSFER_BYTES_MIN) return;
    this.#recentBytesPerS = [(wireBytes / transferUs) * 1e6, ...this.#recentBytesPerS].slice(0, TRANSFERS_REMEMBERED);
  }
}
