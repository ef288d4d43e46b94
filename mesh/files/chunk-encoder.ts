/**
 * Decides for each chunk of one transfer whether to encode it, from what the stream really carries per second.
 *
 * The speed is counted only while chunks are on their way: a source that can't fill the link would otherwise make the link look slow, and
 * encoding, which makes the source slower still, would look better and better.
 */
import { type Codec, type EncodedChunk, notEncoded } from '../codec.ts';
import { AdaptiveEncoder } from './adaptive-encoder.ts';

/** The speed is looked at in pieces of this size: larger than what the kernel's buffers swallow at once. */
const SAMPLE_BYTES = 8 * 1024 * 1024;

export class ChunkEncoder {
  readonly #encoder: AdaptiveEncoder | undefined;
  readonly #now: () => number;
  #onTheWay = 0;
  #busySinceMs = 0;
  #busyMs = 0;
  #bytes = 0;
  /** The first sample measures how fast the buffers on the way fill up. */
  #filled = false;

  /** `codecs`: those that both ends know, best first; none: nothing is ever encoded. `now` in milliseconds. */
  constructor(codecs: ReadonlyMap<string, Codec>, now: () => number) {
    this.#now = now;
    const [codec] = codecs.values();
    this.#encoder = codec === undefined ? undefined : new AdaptiveEncoder(codec, now);
  }

  encode(raw: Uint8Array): EncodedChunk {
    return this.#encoder?.encode(raw) ?? notEncoded(raw);
  }

  /** Wraps the sending of one chunk. */
  async measured(wireBytes: number, sending: Promise<void>): Promise<void> {
    if (this.#encoder === undefined) return sending;
    if (this.#onTheWay++ === 0) this.#busySinceMs = this.#now();
    await sending;
    this.#bytes += wireBytes;
    if (--this.#onTheWay === 0) this.#busyMs += this.#now() - this.#busySinceMs;
    if (this.#bytes >= SAMPLE_BYTES) this.#sample();
  }

  #sample(): void {
    if (this.#onTheWay > 0) {
      const now = this.#now();
      this.#busyMs += now - this.#busySinceMs;
      this.#busySinceMs = now;
    }
    if (this.#filled) this.#encoder!.transferred(this.#bytes, this.#busyMs * 1000);
    this.#filled = true;
    this.#bytes = 0;
    this.#busyMs = 0;
  }
}

/** Those of `known` that the other end can read, too. */
export function commonCodecs(known: ReadonlyMap<string, Codec>, theirs: readonly string[]): ReadonlyMap<string, Codec> {
  return new Map([...known].filter(([name]) => theirs.includes(name)));
}
