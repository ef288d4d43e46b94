/**
 * Records a run in the store while it goes on. A store that can't be written is no reason to fail a run: the first error becomes a warning,
 * and from then on nothing is recorded.
 */
import { MeshError } from '../../mesh/error.ts';
import type { MeasuredRows, RunEnd, RunStart } from './records.ts';
import { RunStore } from './store.ts';

export class Recorder implements AsyncDisposable {
  readonly #store: RunStore | undefined;
  readonly #warn: (message: string) => void;
  #works: boolean;

  private constructor(store: RunStore | undefined, warn: (message: string) => void) {
    this.#store = store;
    this.#warn = warn;
    this.#works = store !== undefined;
  }

  static async open(folder: string, warn: (message: string) => void): Promise<Recorder> {
    try {
      return new Recorder(await RunStore.open(folder), warn);
    } catch (error) {
      warn(unstored(error));
      return new Recorder(undefined, warn);
    }
  }

  begin(start: RunStart): void {
    this.#do((store) => store.begin(start));
  }

  add(run: string, rows: MeasuredRows): void {
    if (rows.frames.length + rows.stages.length + rows.links.length > 0) this.#do((store) => store.add(run, rows));
  }

  end(end: RunEnd): void {
    this.#do((store) => store.end(end));
  }

  /** Resolves when everything is on disk. */
  async close(): Promise<void> {
    await this.#store?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #do(work: (store: RunStore) => Promise<unknown>): void {
    if (!this.#works || this.#store === undefined) return;
    work(this.#store).catch((error: unknown) => {
      if (this.#works) this.#warn(unstored(error));
      this.#works = false;
    });
  }
}

function unstored(error: unknown): string {
  const { message, hint } = MeshError.from(error);
  return `this run is not stored: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
