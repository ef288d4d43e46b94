/**
 * Epochs never decrease: the highest epoch of each run that was ever accepted here is remembered, and loads of anything older are refused, also when
 * the stages of the newer epoch are gone. What runs already goes on: who made the newer epoch retires the older one when it has switched.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';

/** Runs remembered. A run that this many newer ones have pushed out is long over. */
export const RUNS_MAX = 4096;

/** Run → highest epoch, in the order of their last acceptance. */
export type HighestEpochs = ReadonlyMap<string, Epoch>;

/** What outlives the agent; see epoch-file.ts. */
export interface EpochMemory {
  /** From before the agent started. */
  readonly remembered: HighestEpochs;
  /** Resolves when `highest`, or something newer, is kept, or can't be: a full disk is no reason to refuse a stage. */
  save(highest: HighestEpochs): Promise<void>;
}

export class EpochFence {
  readonly #memory: EpochMemory;
  readonly #highest: Map<string, Epoch>;
  #saved: Promise<void> = Promise.resolve();

  constructor(memory: EpochMemory) {
    this.#memory = memory;
    this.#highest = new Map(memory.remembered);
  }

  /** Resolves when what was accepted so far is remembered for good. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  /** Error `conflict` when a newer epoch of the run was accepted before. */
  accept(run: string, epoch: Epoch): void {
    const highest = this.#highest.get(run);
    if (highest !== undefined && epoch < highest) {
      throw new MeshError('conflict', `epoch ${epoch} of run ${run} is over: this device has seen epoch ${highest}`, {
        hint: 'another controller has re-planned this run; leave it to that one',
      });
    }
    this.#highest.delete(run);
    this.#highest.set(run, epoch);
    if (this.#highest.size > RUNS_MAX) this.#highest.delete(this.#highest.keys().next().value!);
    if (epoch !== highest) this.#saved = this.#memory.save(this.#highest);
  }
}
