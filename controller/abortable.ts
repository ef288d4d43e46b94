/** Waits that end when a signal says so, with the signal's reason. Nothing stays behind: no timer, no listener. */

/** Settles like `work`, or rejects with the signal's reason if that comes first. `work` itself goes on. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever gave up on the work is not interested in how it fails later.
  work.catch(() => {});
  signal.throwIfAborted();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A condition that one side waits for and the other announces. */
export class Bell {
  #ring: () => void = () => {};
  #next: Promise<void> = this.#renew();

  /** Wakes everyone who waits now. */
  ring(): void {
    const ring = this.#ring;
    this.#next = this.#renew();
    ring();
  }

  /** Resolves at the next ring. */
  wait(): Promise<void> {
    return this.#next;
  }

  #renew(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }
}
