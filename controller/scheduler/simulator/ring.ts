/**
 * Queues in a circle of slots: first in, first out, without moving what waits. That of numbers keeps them unboxed; the simulator spends much of
 * its time here.
 */

const SLOTS = 8;

export class Ring<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(SLOTS).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    const slots = this.#slots;
    if (this.#length === slots.length) {
      this.#slots = [...slots.slice(this.#head), ...slots.slice(0, this.#head), ...slots.map(() => undefined)];
      this.#head = 0;
    }
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length += 1;
  }

  /** Takes the oldest away. There must be one. */
  shift(): T {
    const value = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    return value;
  }
}

export class NumberRing {
  #slots = new Float64Array(SLOTS);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const slots = this.#slots;
    if (this.#length === slots.length) {
      this.#slots = new Float64Array(slots.length * 2);
      this.#slots.set(slots.subarray(this.#head));
      this.#slots.set(slots.subarray(0, this.#head), slots.length - this.#head);
      this.#head = 0;
    }
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length += 1;
  }

  /** The oldest. There must be one. */
  get first(): number {
    return this.#slots[this.#head]!;
  }

  /** Takes the oldest away. There must be one. */
  shift(): number {
    const value = this.#slots[this.#head]!;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    return value;
  }
}
