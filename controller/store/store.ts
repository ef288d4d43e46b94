/** Runs and what was measured in them, on disk. The caller only posts messages, and a run never waits for one to be written. */
import type { Sample } from '../profiler/sample.ts';
import { packSamples } from './packed-samples.ts';
import type { FrameRange, MeasuredRows, RowColumns, RunEnd, RunStart, StoredRun } from './records.ts';
import { theOne } from './the-one.ts';
import { StoreThread } from './thread.ts';

export class RunStore implements AsyncDisposable {
  readonly #thread: StoreThread;

  private constructor(thread: StoreThread) {
    this.#thread = thread;
  }

  /** In this folder, which is made. Errors of the database itself come with the first request. */
  static async open(folder: string): Promise<RunStore> {
    return new RunStore(await StoreThread.start(folder));
  }

  begin(start: RunStart): Promise<undefined> {
    return this.#thread.ask({ kind: 'begin', start });
  }

  add(run: string, rows: MeasuredRows): Promise<undefined> {
    return this.#thread.ask({ kind: 'add', run, rows });
  }

  /** What a run showed, to predict times from. */
  async addSamples(samples: readonly Sample[]): Promise<void> {
    if (samples.length > 0) await this.#thread.ask({ kind: 'add-samples', packed: packSamples(samples) });
  }

  end(end: RunEnd): Promise<undefined> {
    return this.#thread.ask({ kind: 'end', end });
  }

  /** Newest first. */
  list(): Promise<readonly StoredRun[]> {
    return this.#thread.ask({ kind: 'list' });
  }

  /** The run of this name, or the beginning of it, or `last`. Error `not-found`; `usage` when several begin so. */
  async find(name: string): Promise<StoredRun> {
    const found = await this.#thread.ask({ kind: 'find', name });
    return theOne({ what: 'run', name, found, nameOf: ({ run }) => run, hint: 'controller runs lists them' });
  }

  columns(run: string): Promise<RowColumns> {
    return this.#thread.ask({ kind: 'columns', run });
  }

  /** Of some frames, or of all: an hour's run has millions. */
  rows(run: string, range: FrameRange = { first: 0, end: Number.MAX_SAFE_INTEGER }): Promise<MeasuredRows> {
    return this.#thread.ask({ kind: 'rows', run, range });
  }

  /** Resolves when everything asked before is written. Idempotent. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
