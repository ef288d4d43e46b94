/** Things that were opened one after another, closed in the opposite order, each even when another fails. (Node 22 has no AsyncDisposableStack.) */
export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];

  /** Keeps `thing` to be closed, and returns it. */
  use<T extends AsyncDisposable | Disposable>(thing: T): T {
    this.add(async () => {
      if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]();
      else thing[Symbol.dispose]();
    });
    return thing;
  }

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Rejects with the first error, after all have been closed. Idempotent. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }
}
