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

  async end(): Promise<void> {
    for (let undo = this.#undos.pop(); undo !== undefined; undo = this.#undos.pop()) await undo();
  }
}
