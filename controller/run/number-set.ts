/**
 * Numbers that were seen, as ranges: a stream without gaps is one range, however long it is.
 *
 *     0 1 2 3 · 5 6 · · 9     ──▶  [0, 4) [5, 7) [9, 10)
 *
 * Memory: one range per gap. Adding at the end, or next to a range, is found from the end, where streams grow.
 */
export class NumberSet {
  /** Ascending, apart from each other: [first, end). */
  readonly #ranges: { first: number; end: number }[] = [];
  #size = 0;

  /** False: it was there. A whole number of at least 0. */
  add(number: number): boolean {
    let at = this.#ranges.length;
    while (at > 0 && this.#ranges[at - 1]!.first > number) at -= 1;
    const before = this.#ranges[at - 1];
    if (before !== undefined && number < before.end) return false;
    this.#size += 1;
    const after = this.#ranges[at];
    const joinsBefore = before?.end === number;
    const joinsAfter = after?.first === number + 1;
    if (joinsBefore && joinsAfter) {
      before.end = after.end;
      this.#ranges.splice(at, 1);
    } else if (joinsBefore) before.end = number + 1;
    else if (joinsAfter) after.first = number;
    else this.#ranges.splice(at, 0, { first: number, end: number + 1 });
    return true;
  }

  /** How many numbers were added. */
  get size(): number {
    return this.#size;
  }

  /** What it needs of memory. */
  get ranges(): number {
    return this.#ranges.length;
  }
}
