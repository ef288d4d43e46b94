/**
 * Says across two threads that a flow has ended: frames of it that wait in the queue of the session's thread, where no message could overtake
 * them, are dropped instead of computed.
 *
 *     flow ── set ──▶ one word of shared memory ◀── looked at ── session, before each frame
 */
export class EndFlag {
  readonly shared: SharedArrayBuffer;
  readonly #word: Int32Array;

  /** `shared`: that of the other thread's flag. */
  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#word = new Int32Array(shared);
  }

  get isSet(): boolean {
    return Atomics.load(this.#word, 0) !== 0;
  }

  /** For good. */
  set(): void {
    Atomics.store(this.#word, 0, 1);
  }
}
