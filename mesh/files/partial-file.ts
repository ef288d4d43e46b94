/**
 * A file that arrives: appended in order, digested on the way, checked at the end, and kept when the transfer breaks off.
 *
 *     append(chunk) ─┬─▶ digest                    in the order of arrival
 *                    └─▶ queue ─▶ one write at a time ─▶ disk
 *
 * There is never more than one write under way, so what is on disk has no holes, whenever the process dies; its length is where to continue.
 * Digest and writing overlap. What was on disk before is read and digested again when a transfer is continued; a tail that a crash
 * damaged is found at the end, by the digest, and the whole is thrown away.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { MeshError } from '../error.ts';
import { type Blob, formatBlob, hexOf } from './blob.ts';
import { handleSource } from './byte-source.ts';
import { fsError } from './fs-error.ts';
import { type HashOptions, hashSource } from './sha256.ts';

/** What may wait for the disk before the sender has to. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024;
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface PartialFileOptions extends HashOptions {
  /** Permissions of a new file, before the umask. Default 0o600. */
  readonly mode?: number;
}

export class PartialFile {
  readonly #path: string;
  readonly #blob: Blob;
  readonly #handle: FileHandle;
  readonly #hash: Hash;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #offset: number;
  #writtenBytes: number;
  #writing: Promise<void> | undefined;
  #failure: MeshError | undefined;
  #closed = false;

  private constructor(path: string, blob: Blob, handle: FileHandle, hash: Hash, offset: number) {
    this.#path = path;
    this.#blob = blob;
    this.#handle = handle;
    this.#hash = hash;
    this.#offset = offset;
    this.#writtenBytes = offset;
  }

  /**
   * Opens or creates the file and digests what is there. A file that is longer than the blob is started anew. Nothing else may write to it.
   * The signal ends the digesting; the file then stays as it is.
   */
  static async open(path: string, blob: Blob, options: PartialFileOptions = {}): Promise<PartialFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, FLAGS, options.mode ?? 0o600);
      const facts = await handle.stat();
      if (!facts.isFile()) throw new MeshError('denied', `${path} is not a regular file`);
      if (facts.size > blob.bytes) await handle.truncate(0);
      const offset = facts.size > blob.bytes ? 0 : facts.size;
      const hash = createHash('sha256');
      if (offset > 0) await hashSource(hash, handleSource(handle, offset, path), offset, options);
      return new PartialFile(path, blob, handle, hash, offset);
    } catch (error) {
      await handle?.close();
      throw fsError(error, `write ${path}`);
    }
  }

  /** Bytes taken so far: where the transfer continues. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Takes the next bytes, which must not change until `finish` or `stop`. Returns a promise when the disk can't keep up: wait for it before the next.
   * Error `invalid` beyond the end of the blob; else why an earlier write failed.
   */
  append(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#offset + bytes.byteLength > this.#blob.bytes) {
      throw new MeshError('invalid', `more bytes came than ${formatBlob(this.#blob)} has`);
    }
    if (bytes.byteLength === 0) return undefined;
    this.#offset += bytes.byteLength;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.byteLength;
    this.#writing ??= this.#write();
    this.#hash.update(bytes);
    return this.#queuedBytes < QUEUE_BYTES_MAX ? undefined : this.#flush();
  }

  /**
   * Checks length and digest, makes the content durable and closes. Error `invalid` when bytes are missing (what came is kept) or when the content
   * is not the blob (it is deleted).
   */
  async finish(): Promise<void> {
    await this.#flush();
    if (this.#offset !== this.#blob.bytes) {
      throw new MeshError('invalid', `the transfer of ${formatBlob(this.#blob)} ended early, at byte ${this.#offset}`, {
        hint: 'send it again: it continues there',
      });
    }
    const digest = this.#hash.digest('hex');
    if (digest !== hexOf(this.#blob.sha256)) {
      await this.discard();
      throw new MeshError('invalid', `what came is not ${formatBlob(this.#blob)}: its SHA-256 is ${digest.slice(0, 12)}…`, {
        hint: 'it was damaged on its way or changed while it was sent; send it again',
      });
    }
    try {
      await this.#handle.sync();
    } catch (error) {
      throw fsError(error, `write ${this.#path}`);
    }
    await this.#close();
  }

  /** Closes and keeps what came, for a later transfer to continue; when the disk is full it is deleted, to give the room back. Idempotent. */
  async stop(): Promise<void> {
    if (this.#closed) return;
    await this.#writing;
    if (this.#failure?.code === 'exhausted') await this.discard();
    else await this.#close();
  }

  /** Closes and deletes. Idempotent. */
  async discard(): Promise<void> {
    if (this.#closed) return;
    this.#queue = [];
    await this.#writing;
    await this.#close();
    try {
      await unlink(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fsError(error, `delete ${this.#path}`);
    }
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
      this.#failure = fsError(error, `write ${this.#path}`);
      this.#queue = [];
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: Uint8Array[]): Promise<void> {
    for (let index = 0; index < batch.length; ) {
      const { bytesWritten } = await this.#handle.writev(batch.slice(index), this.#writtenBytes);
      this.#writtenBytes += bytesWritten;
      this.#queuedBytes -= bytesWritten;
      let left = bytesWritten;
      for (; index < batch.length && left >= batch[index]!.byteLength; index++) left -= batch[index]!.byteLength;
      if (left > 0) batch[index] = batch[index]!.subarray(left);
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}
