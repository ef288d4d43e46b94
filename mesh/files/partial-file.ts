/**
 * A file that arrives: appended in order, digested on the way, checked at the end, and kept when the transfer breaks off.
 *
 * What is on disk has no holes, so its length is where to continue. What was there before is read and digested again when a transfer is
 * continued; a tail that a crash damaged is found at the end, by the digest, and the whole is thrown away.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { MeshError } from '../error.ts';
import { throwIfAborted } from './abort.ts';
import { type Appender, LocalAppender } from './appender.ts';
import { type Blob, formatBlob, hexOf } from './blob.ts';
import { handleSource } from './byte-source.ts';
import { fsError } from './fs-error.ts';
import { hashSource } from './sha256.ts';
import { ThreadAppender } from './thread-appender.ts';

/** From here on a file has a thread of its own; below, starting one takes longer than it saves. */
const THREAD_BYTES_MIN = 16 * 1024 * 1024;
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface PartialFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Permissions of a new file, before the umask. Default 0o600. */
  readonly mode?: number;
}

export class PartialFile {
  readonly #path: string;
  readonly #blob: Blob;
  readonly #handle: FileHandle;
  readonly #appender: Appender;
  #offset: number;
  #closed = false;

  private constructor(path: string, blob: Blob, handle: FileHandle, appender: Appender, offset: number) {
    this.#path = path;
    this.#blob = blob;
    this.#handle = handle;
    this.#appender = appender;
    this.#offset = offset;
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
      throwIfAborted(options.signal);
      const appender = await startAppender(handle, offset, blob, options.signal);
      return new PartialFile(path, blob, handle, appender, offset);
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
   * Takes the next bytes, and their memory with them (see Appender). Returns a promise when the disk can't keep up: wait for it before the next.
   * Error `invalid` beyond the end of the blob; else why an earlier write failed.
   */
  append(bytes: Uint8Array): Promise<void> | undefined {
    const { byteLength } = bytes;
    if (this.#offset + byteLength > this.#blob.bytes) {
      throw new MeshError('invalid', `more bytes came than ${formatBlob(this.#blob)} has`);
    }
    if (byteLength === 0) return undefined;
    const written = this.#appender.append(bytes);
    this.#offset += byteLength;
    return written;
  }

  /**
   * Checks length and digest, makes the content durable and closes. Error `invalid` when bytes are missing (what came is kept) or when the content
   * is not the blob (it is deleted).
   */
  async finish(): Promise<void> {
    if (this.#offset !== this.#blob.bytes) {
      throw new MeshError('invalid', `the transfer of ${formatBlob(this.#blob)} ended early, at byte ${this.#offset}`, {
        hint: 'send it again: it continues there',
      });
    }
    const digest = await this.#appender.digest();
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
    const failure = await this.#appender.stop();
    if (failure?.code === 'exhausted') await this.discard();
    else await this.#close();
  }

  /** Closes and deletes. Idempotent. */
  async discard(): Promise<void> {
    if (this.#closed) return;
    await this.#appender.abort();
    await this.#close();
    try {
      await unlink(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fsError(error, `delete ${this.#path}`);
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The thread must not write to a number that has been given to another file.
    await this.#appender.abort();
    await this.#handle.close();
  }
}

async function startAppender(handle: FileHandle, offset: number, blob: Blob, signal: AbortSignal | undefined): Promise<Appender> {
  if (blob.bytes >= THREAD_BYTES_MIN) return ThreadAppender.start(handle, offset, signal);
  const hash = createHash('sha256');
  if (offset > 0) await hashSource(hash, handleSource(handle, offset, 'the file'), offset, { signal });
  return new LocalAppender({
    offset,
    hash,
    write: async (buffers, position) => (await handle.writev(buffers, position)).bytesWritten,
    sync: () => handle.datasync(),
  });
}
