/**
 * The end of a file that grows: bytes are written in the order in which they come, and digested. Never more than one write is under way, so
 * that what is on disk has no holes, whenever the process dies.
 *
 *     here (small files):    append ─┬─▶ digest
 *                                    └─▶ queue ─▶ write, while the next bytes come
 *     in a thread (large):   append ──▶ thread: the same
 *
 * A thread costs some 20 ms to start and a few MiB, and makes a transfer as fast as the slower of receiving and digesting instead of their sum. On
 * a device whose processor digests 150 MB/s that also keeps everything else the process does alive.
 */
import type { Hash } from 'node:crypto';
import type { MeshError } from '../error.ts';
import { fsError } from './fs-error.ts';

/**
 * After so many bytes what was written is sent on to the disk, while more comes: otherwise all of it would wait for the end, and the memory of a
 * small device would fill with what is not on the disk yet.
 */
const SYNC_BYTES = 32 * 1024 * 1024;

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

export interface LocalAppenderOptions {
  /** Bytes the file has, which `hash` has digested. */
  readonly offset: number;
  readonly hash: Hash;
  /** Writes at a position of the file; returns how many bytes it took. */
  write(buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** Makes what was written so far durable. */
  sync(): Promise<void>;
  /** Called with each piece once it is written and digested. */
  onWritten?(bytes: Uint8Array): void;
  /** Called with the first failure, also when nobody waits for anything: an owner elsewhere would wait for bytes that are never written. */
  onFailed?(failure: MeshError): void;
}

/** Writes in this thread. */
export class LocalAppender implements Appender {
  readonly #options: LocalAppenderOptions;
  #offset: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #failure: MeshError | undefined;

  constructor(options: LocalAppenderOptions) {
    this.#options = options;
    this.#offset = options.offset;
  }

  append(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.byteLength;
    this.#writing ??= this.#write();
    this.#options.hash.update(bytes);
    return this.#queuedBytes < QUEUE_BYTES_MAX ? undefined : this.#flush();
  }

  async digest(): Promise<string> {
    await this.#flush();
    await this.#syncing;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#options.hash.digest('hex');
  }

  async stop(): Promise<MeshError | undefined> {
    await this.#idle();
    return this.#failure;
  }

  async abort(): Promise<void> {
    this.#queue = [];
    await this.#idle();
  }

  async #idle(): Promise<void> {
    await this.#writing;
    await this.#syncing;
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
        if (this.#unsyncedBytes >= SYNC_BYTES) this.#syncing ??= this.#sync();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Uint8Array[]): Promise<void> {
    let left = [...batch];
    while (left.length > 0) {
      let written = await this.#options.write(left, this.#offset);
      this.#offset += written;
      this.#queuedBytes -= written;
      this.#unsyncedBytes += written;
      const whole = left.findIndex((piece) => {
        const isWhole = written >= piece.byteLength;
        if (isWhole) written -= piece.byteLength;
        return !isWhole;
      });
      left = whole < 0 ? [] : [left[whole]!.subarray(written), ...left.slice(whole + 1)];
    }
    for (const piece of batch) this.#options.onWritten?.(piece);
  }

  /** Never rejects. */
  async #sync(): Promise<void> {
    this.#unsyncedBytes = 0;
    try {
      await this.#options.sync();
    } catch (error) {
      this.#fail(error);
    }
    this.#syncing = undefined;
  }

  #fail(error: unknown): void {
    this.#queue = [];
    if (this.#failure !== undefined) return;
    this.#failure = fsError(error, 'write the file');
    this.#options.onFailed?.(this.#failure);
  }
}
