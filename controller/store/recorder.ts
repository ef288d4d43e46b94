/**
 * Records a run in the store while it goes on. A store that can't be written is no reason to fail a run: the first error becomes a warning,
 * and from then on nothing is recorded. A disk that is slower than the run loses rows, not the run's memory: of those that wait to be written there is
 * a limit.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Sample } from '../profiler/sample.ts';
import type { MeasuredRows, RunEnd, RunStart } from './records.ts';
import { RunStore } from './store.ts';

/** About 20 MB. A disk that writes as fast as a run measures has a few hundred of them waiting. */
const WAITING_ROWS_MAX = 100_000;

export class Recorder implements AsyncDisposable {
  readonly #store: RunStore | undefined;
  readonly #warn: (message: string) => void;
  #works: boolean;
  #waiting = 0;
  #left = 0;

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
    const count = rows.frames.length + rows.stages.length + rows.links.length;
    if (count === 0 || !this.#works) return;
    if (this.#waiting + count > WAITING_ROWS_MAX) {
      if (this.#left === 0) this.#warn('the disk is too slow for the store of runs: rows of some frames are left out');
      this.#left += count;
      return;
    }
    this.#waiting += count;
    this.#do((store) =>
      store.add(run, rows).finally(() => {
        this.#waiting -= count;
      }),
    );
  }

  /** What the run showed, to predict times from. */
  addSamples(samples: readonly Sample[]): void {
    this.#do((store) => store.addSamples(samples));
  }

  end(end: RunEnd): void {
    this.#do((store) => store.end(end));
  }

  /** Rows that were not stored because the disk was too slow. */
  get leftOut(): number {
    return this.#left;
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
