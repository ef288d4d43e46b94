/**
 * The state of a bus and who wants to know of its changes. `closed` is final.
 */
import type { BusState } from './bus.ts';

export class StateCell {
  #state: BusState = 'connecting';
  readonly #listeners = new Set<(state: BusState) => void>();

  get state(): BusState {
    return this.#state;
  }

  set(next: BusState): void {
    if (this.#state === next || this.#state === 'closed') return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }

  listen(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
