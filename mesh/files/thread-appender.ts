/** The owner's side of a thread that writes and digests a large file. */
import type { FileHandle } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { isMarkedAsUntransferable, Worker } from 'node:worker_threads';
import { MeshError } from '../error.ts';
import { abortable } from './abort.ts';
import type { AppendOrder, AppendReport, AppendStart } from './append-protocol.ts';
import { type Appender, QUEUE_BYTES_MAX } from './appender.ts';
import { fsError } from './fs-error.ts';

/** Beside this file, as source or compiled. */
const program = new URL(`append-thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

interface Waiter {
  /** How much may still be pending for the wait to be over. */
  readonly pendingBytesMax: number;
  readonly forDigest: boolean;
  resolve(): void;
  reject(error: MeshError): void;
}

export class ThreadAppender implements Appender {
  readonly #worker: Worker;
  /** Bytes handed over and not yet written. */
  #pendingBytes = 0;
  #digest: string | undefined;
  #failure: MeshError | undefined;
  #ended = false;
  #waiters: Waiter[] = [];

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (report: AppendReport) => this.#take(report));
    worker.on('error', (error) => this.#fail(MeshError.from(error)));
    worker.on('exit', () => this.#fail(new MeshError('failed', 'the thread that writes the file ended')));
  }

  /** Resolves when the `offset` bytes that are there have been digested; the signal ends that. The handle stays the caller's. */
  static async start(handle: FileHandle, offset: number, signal?: AbortSignal): Promise<ThreadAppender> {
    const start: AppendStart = { fd: handle.fd, offset };
    // Compiled code is kept for the next start, when the process does so; nothing else of its environment matters there.
    const cache = getCompileCacheDir();
    const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
    const worker = new Worker(program, { workerData: start, name: 'append', execArgv: [], env, trackUnmanagedFds: false });
    const ready = new Promise<void>((resolve, reject) => {
      worker.once('message', (first: AppendReport) => {
        if (first.kind === 'failed') reject(failureOf(first));
        else resolve();
      });
      worker.once('error', reject);
    });
    try {
      await abortable(ready, signal);
    } catch (error) {
      // Only then the handle may be closed.
      await worker.terminate();
      throw error;
    }
    return new ThreadAppender(worker);
  }

  append(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#pendingBytes += bytes.byteLength;
    const { buffer } = bytes;
    const movable = buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer);
    this.#post({ bytes }, movable ? [buffer] : []);
    return this.#pendingBytes < QUEUE_BYTES_MAX ? undefined : this.#until(QUEUE_BYTES_MAX / 2);
  }

  async digest(): Promise<string> {
    this.#post({ digest: true }, []);
    await this.#until(0, true);
    return this.#digest!;
  }

  async stop(): Promise<MeshError | undefined> {
    const failure = await this.#until(0).then(
      () => undefined,
      (error: MeshError) => error,
    );
    await this.abort();
    return failure;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#fail(new MeshError('cancelled', 'writing was given up'));
    this.#ended = true;
    await this.#worker.terminate();
  }

  #post(order: AppendOrder, moved: ArrayBuffer[]): void {
    this.#worker.postMessage(order, moved);
  }

  #until(pendingBytesMax: number, forDigest = false): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject, pendingBytesMax, forDigest });
      this.#wake();
    });
  }

  #take(report: AppendReport): void {
    if (report.kind === 'written') this.#pendingBytes -= report.bytes;
    if (report.kind === 'digest') this.#digest = report.hex;
    if (report.kind === 'failed') this.#fail(failureOf(report));
    this.#wake();
  }

  #fail(error: MeshError): void {
    if (!this.#ended) this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    const failure = this.#failure;
    const left: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if (failure !== undefined) waiter.reject(failure);
      else if (this.#pendingBytes > waiter.pendingBytesMax || (waiter.forDigest && this.#digest === undefined)) left.push(waiter);
      else waiter.resolve();
    }
    this.#waiters = left;
  }
}

function failureOf({ errno, message }: { readonly errno: string; readonly message: string }): MeshError {
  return fsError(Object.assign(new Error(message), { code: errno }), 'write the file');
}
