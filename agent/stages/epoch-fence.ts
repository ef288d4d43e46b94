/**
 * Epochs never decrease: the highest epoch of each run that was ever accepted here is remembered, and anything older is refused, also when
 * the stages of the newer epoch are gone.
 */
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';

/** Runs remembered. A run that this many newer ones have pushed out is long over. */
const RUNS_MAX = 4096;

export class EpochFence {
  /** In the order of their last acceptance. */
  readonly #highest = new Map<string, Epoch>();

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
  }
}
