/**
 * The end of a file that grows: bytes are written in the order in which they come, and digested. Never more than one write is under way, so
 * that what is on disk has no holes, whenever the process dies.
 *
 *     here (small files):    append ─┬─▶ digest
 *                                    └─▶ queue ─▶ write, while the next bytes come
 *     in a thread (large):   append ──▶ [queue] ─▶ thread: write, digest
 *
 * A thread costs some 20 ms to start and a few MiB, and makes a transfer as fast as the slower of receiving and digesting instead of their sum. On
 * a device whose processor digests 150 MB/s that also keeps everything else the process does alive.
 */
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { MeshError } from '../error.ts';
import { fsError } from './fs-error.ts';

/** What may wait for the disk before the sender has to, bytes. */
export const QUEUE_BYTES_MAX = 4 * 1024 * 1024;

export interface Appender {
  /**
   * Takes bytes, and their memory with them: it may be given to another thread or freed. Returns a promise when the disk can't keep up: wait for
   * it before the next. Throws why an earlier write failed.
   */
  append(bytes: Uint8Array): Promise<void> | undefined;
  /** Waits until all is written; the SHA-256 of the file from its start, as hex. Called once, last. Throws why a write failed. */
  digest(): Promise<string>;
  /** Waits until all is written or has failed; returns why. Idempotent. */
  stop(): Promise<MeshError | undefined>;
  /** Ends without writing what waits. Idempotent. */
  abort(): Promise<void>;
}

/** Writes in this thread. `hash` has digested the first `offset` bytes. */
export class LocalAppender implements Appender {
  readonly #handle: FileHandle;
  readonly #hash: Hash;
  #offset: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: MeshError | undefined;

  constructor(handle: FileHandle, offset: number, hash: Hash) {
    this.#handle = handle;
    this.#offset = offset;
    this.#hash = hash;
  }

  append(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.byteLength;
    this.#writing ??= this.#write();
    this.#hash.update(bytes);
    return this.#queuedBytes < QUEUE_BYTES_MAX ? undefined : this.#flush();
  }

  async digest(): Promise<string> {
    await this.#flush();
    return this.#hash.digest('hex');
  }

  async stop(): Promise<MeshError | undefined> {
    await this.#writing;
    return this.#failure;
  }

  async abort(): Promise<void> {
    this.#queue = [];
    await this.#writing;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes until nothing waits; keeps the first error. Never rejects. */
  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue;
        this.#queue = [];
        await this.#writeBatch(batch);
      }
    } catch (error) {
      this.#failure = fsError(error, 'write the file');
      this.#queue = [];
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: Uint8Array[]): Promise<void> {
    for (let index = 0; index < batch.length; ) {
      const { bytesWritten } = await this.#handle.writev(batch.slice(index), this.#offset);
      this.#offset += bytesWritten;
      this.#queuedBytes -= bytesWritten;
      let left = bytesWritten;
      for (; index < batch.length && left >= batch[index]!.byteLength; index++) left -= batch[index]!.byteLength;
      if (left > 0) batch[index] = batch[index]!.subarray(left);
    }
  }
}
