/**
 * The way to the thread that owns the database. A request is a message, its answer another; a slow disk holds up nobody who does not wait for an
 * answer.
 *
 *     RunStore ──────┐
 *     BenchStore ────┼─ ask ──▶ worker ──▶ runs.sqlite
 *     ProfileStore ──┤
 *     TaskStore ─────┘
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import type { Reply, StoreAnswers, StoreRequest } from './records.ts';

const FILE = 'runs.sqlite';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: MeshError): void;
}

export class StoreThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #next = 0;
  #ended: MeshError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error) => this.#end(new MeshError('failed', `the store of runs failed: ${error.message}`, { cause: error })));
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('exit', () => this.#end(new MeshError('cancelled', 'the store of runs was closed')));
  }

  /** Its database lies in this folder, which is made. Errors of the database itself come with the first request. */
  static async start(folder: string): Promise<StoreThread> {
    try {
      await makeFolders(folder);
    } catch (error) {
      throw new MeshError('denied', `${folder} can't be made: ${(error as Error).message}`, {
        hint: 'choose another folder with --data',
        cause: error,
      });
    }
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    return new StoreThread(new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: { path: join(folder, FILE) } }));
  }

  ask<R extends StoreRequest>(request: R): Promise<StoreAnswers[R['kind']]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  /** Resolves when everything asked before is written. Idempotent. */
  async close(): Promise<void> {
    // Messages are read in order: when the worker reads this one, it has written everything.
    if (this.#ended === undefined) this.#worker.postMessage('close');
    await this.#exited;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)!;
    this.#waiting.delete(reply.id);
    if ('error' in reply) {
      const { code, message, hint } = reply.error;
      waiting.reject(new MeshError(code as ErrorCode, message, hint === undefined ? {} : { hint }));
    } else waiting.resolve(reply.answer);
  }

  #end(error: MeshError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
