/**
 * Buffers for tensors, used again instead of allocated anew: a fresh 3 MB buffer costs some 800 page faults per frame.
 *
 * The pool only remembers free buffers. How many are in use at once is bounded by whoever gives out credit; `freeBytesMax` bounds what
 * lies idle. A buffer that was transferred to another thread comes back when that thread sends it back, or never.
 */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #freeBytesMax: number;
  #freeBytes = 0;

  constructor(freeBytesMax: number) {
    this.#freeBytesMax = freeBytesMax;
  }

  /** A buffer of exactly `bytes` bytes with arbitrary content. */
  take(bytes: number): ArrayBuffer {
    const found = this.#free.get(bytes)?.pop();
    if (found === undefined) return new ArrayBuffer(bytes);
    this.#freeBytes -= bytes;
    return found;
  }

  /** Takes a buffer back. A detached or empty one is ignored, one too many is left to the garbage collector. */
  give(buffer: ArrayBuffer): void {
    const bytes = buffer.byteLength;
    if (bytes === 0 || this.#freeBytes + bytes > this.#freeBytesMax) return;
    const list = this.#free.get(bytes);
    if (list === undefined) this.#free.set(bytes, [buffer]);
    else list.push(buffer);
    this.#freeBytes += bytes;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }
}
