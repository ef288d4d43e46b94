/**
 * Two byte sources: a buffer, and a file read through one window, so that walking a file of any size needs little memory.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from './lift-weights.ts';
import { WireError } from './lift-weights.ts';

export function bufferSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

const WINDOW_BYTES = 1 << 16;

/** An open file; dispose of it when done. */
export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly #file: number;
  #window = new Uint8Array(0);
  #windowStart = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.size = fstatSync(this.#file).size;
  }

  read(offset: number, length: number): Uint8Array {
    const from = offset - this.#windowStart;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const window = new Uint8Array(Math.min(Math.max(length, WINDOW_BYTES), this.size - offset));
    for (let done = 0; done < window.length; ) {
      const count = readSync(this.#file, window, done, window.length - done, offset + done);
      if (count === 0) throw new WireError('the file became shorter while it was read', offset + done, true);
      done += count;
    }
    this.#window = window;
    this.#windowStart = offset;
    return window.subarray(0, length);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
