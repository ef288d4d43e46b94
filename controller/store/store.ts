/**
 * Runs and what was measured in them, on disk. Everything is done by a thread of its own; the caller only posts messages, and a run never
 * waits for one to be written.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import type { FrameRange, MeasuredRows, Reply, RowColumns, RunEnd, RunStart, StoreAnswers, StoredRun, StoreRequest } from './records.ts';

const FILE = 'runs.sqlite';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: MeshError): void;
}

export class RunStore implements AsyncDisposable {
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

  /** In this folder, which is made. Errors of the database itself come with the first request. */
  static async open(folder: string): Promise<RunStore> {
    try {
      await makeFolders(folder);
    } catch (error) {
      throw new MeshError('denied', `${folder} can't be made: ${(error as Error).message}`, {
        hint: 'choose another folder with --data',
        cause: error,
      });
    }
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    return new RunStore(new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: { path: join(folder, FILE) } }));
  }

  begin(start: RunStart): Promise<undefined> {
    return this.#ask({ kind: 'begin', start });
  }

  add(run: string, rows: MeasuredRows): Promise<undefined> {
    return this.#ask({ kind: 'add', run, rows });
  }

  end(end: RunEnd): Promise<undefined> {
    return this.#ask({ kind: 'end', end });
  }

  /** Newest first. */
  list(): Promise<readonly StoredRun[]> {
    return this.#ask({ kind: 'list' });
  }

  /** The run of this name, or the beginning of it, or `last`. Error `not-found`; `usage` when several begin so. */
  async find(name: string): Promise<StoredRun> {
    const found = await this.#ask({ kind: 'find', name });
    if (found.length === 1) return found[0]!;
    if (found.length === 0) throw new MeshError('not-found', `there is no run "${name}"`, { hint: 'controller runs lists them' });
    throw new MeshError(
      'usage',
      `"${name}" is the beginning of ${found.length} runs: ${found
        .slice(0, 5)
        .map((run) => run.run)
        .join(', ')}`,
    );
  }

  columns(run: string): Promise<RowColumns> {
    return this.#ask({ kind: 'columns', run });
  }

  /** Of some frames, or of all: an hour's run has millions. */
  rows(run: string, range: FrameRange = { first: 0, end: Number.MAX_SAFE_INTEGER }): Promise<MeasuredRows> {
    return this.#ask({ kind: 'rows', run, range });
  }

  /** Resolves when everything asked before is written. Idempotent. */
  async close(): Promise<void> {
    // Messages are read in order: when the worker reads this one, it has written everything.
    if (this.#ended === undefined) this.#worker.postMessage('close');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #ask<R extends StoreRequest>(request: R): Promise<StoreAnswers[R['kind']]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#worker.postMessage({ id, request });
    });
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
