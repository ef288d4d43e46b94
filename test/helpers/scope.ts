/**
 * What helpers need of ava's `t`: something to undo what they did, in reverse order. `t` fits, so a test writes `startMesh(t)`.
 */
export interface Scope {
  teardown(undo: () => void | Promise<void>): void;
}

/** A scope that ends when it is told to, for tests about what happens then. */
export class OwnScope implements Scope {
  readonly #undos: (() => void | Promise<void>)[] = [];

  teardown(undo: () => void | Promise<void>): void {
    this.#undos.push(undo);
  }

  /** Undoes everything, also when something of it fails; then fails with the first error. */
  async end(): Promise<void> {
    const errors: unknown[] = [];
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
