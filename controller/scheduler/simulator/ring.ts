/** A queue in a circle of slots: first in, first out, without moving what waits. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(8).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length += 1;
  }

  /** The oldest. There must be one. */
  get first(): T {
    return this.#slots[this.#head] as T;
  }

  /** Takes the oldest away. There must be one. */
  shift(): T {
    const value = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    return value;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = [...slots.slice(this.#head), ...slots.slice(0, this.#head), ...slots.map(() => undefined)];
    this.#head = 0;
  }
}
