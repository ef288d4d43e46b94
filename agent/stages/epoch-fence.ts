/**
 * Epochs never go back: for each run the lowest epoch that may be loaded here is remembered, and loads of anything older are refused, also when
 * the stages of the newer epoch are gone, and when they were on their way while their epoch was retired.
 *
 *     load 3 ──▶ from 3 on      load 5 ──▶ from 5 on      retire up to 5 ──▶ from 6 on      load 5, late ──▶ refused
 *
 * What runs already goes on: who made the newer epoch retires the older one when it has switched.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';

/** Runs remembered. A run that this many newer ones have pushed out is long over. */
export const RUNS_MAX = 4096;

/** Run → lowest epoch that may be loaded, in the order of their last change. */
export type LowestEpochs = ReadonlyMap<string, Epoch>;

/** What outlives the agent; see epoch-file.ts. */
export interface EpochMemory {
  /** From before the agent started. */
  readonly remembered: LowestEpochs;
  /** Resolves when `lowest`, or something newer, is kept, or can't be: a full disk is no reason to refuse a stage. */
  save(lowest: LowestEpochs): Promise<void>;
}

export class EpochFence {
  readonly #memory: EpochMemory;
  readonly #lowest: Map<string, Epoch>;
  #saved: Promise<void> = Promise.resolve();

  constructor(memory: EpochMemory) {
    this.#memory = memory;
    this.#lowest = new Map(memory.remembered);
  }

  /** Resolves when what was accepted and retired so far is remembered for good. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  /** Whether stages of this epoch may be loaded. */
  admits(run: string, epoch: Epoch): boolean {
    const lowest = this.#lowest.get(run);
    return lowest === undefined || epoch >= lowest;
  }

  /** Error `conflict` when a newer epoch of the run was accepted before, or this one was retired. */
  accept(run: string, epoch: Epoch): void {
    if (!this.admits(run, epoch)) {
      throw new MeshError(
        'conflict',
        `epoch ${epoch} of run ${run} is over: this device takes epoch ${this.#lowest.get(run)} or a later one`,
        {
          hint: 'another controller has re-planned this run; leave it to that one',
        },
      );
    }
    this.#raise(run, epoch);
  }

  /** No stage of the run is loaded any more in epochs up to this one. */
  retire(run: string, epoch: Epoch): void {
    if (this.admits(run, epoch)) this.#raise(run, epoch + 1n);
  }

  #raise(run: string, lowest: Epoch): void {
    const before = this.#lowest.get(run);
    this.#lowest.delete(run);
    this.#lowest.set(run, lowest);
    if (this.#lowest.size > RUNS_MAX) this.#lowest.delete(this.#lowest.keys().next().value!);
    if (lowest !== before) this.#saved = this.#memory.save(this.#lowest);
  }
}
