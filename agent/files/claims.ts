/**
 * Who may work on what: one at a time per key, the others wait in the order in which they came.
 *
 * Two uploads of one blob: the second waits for the first, and finds the blob there, or continues where the first stopped.
 */
import { abortable } from '../../mesh/files/abort.ts';

export class Claims {
  /** Of each key that is taken: settles when the last in its queue has let go. */
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves with the function that lets go (idempotent). Rejects when the signal is aborted before it is its turn. */
  async take(key: string, signal?: AbortSignal): Promise<() => void> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    let letGo: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const tail = before.then(() => mine);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    try {
      await abortable(before, signal);
      return letGo;
    } catch (error) {
      letGo();
      throw error;
    }
  }

  isTaken(key: string): boolean {
    return this.#tails.has(key);
  }
}
