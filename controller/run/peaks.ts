/**
 * A series of any length as a line of few points: the largest value of each group, so that no peak is lost. Groups get larger as the series gets longer.
 *
 *     3 1 4 1 5 9 2 6   ──▶   groups of 2: 3 4 9 6
 */
export class Peaks {
  readonly #pointsMax: number;
  #points: number[] = [];
  #group = 1;
  /** Values in the last group. */
  #last = 0;

  /** `pointsMax`: an even number. Between half of it and all of it are kept. */
  constructor(pointsMax: number) {
    this.#pointsMax = pointsMax;
  }

  add(value: number): void {
    if (this.#points.length > 0 && this.#last < this.#group) {
      this.#points[this.#points.length - 1] = Math.max(this.#points.at(-1)!, value);
      this.#last += 1;
      return;
    }
    if (this.#points.length === this.#pointsMax) {
      this.#points = Array.from({ length: this.#pointsMax / 2 }, (_, at) => Math.max(this.#points[2 * at]!, this.#points[2 * at + 1]!));
      this.#group *= 2;
    }
    this.#points.push(value);
    this.#last = 1;
  }

  get points(): readonly number[] {
    return this.#points;
  }
}
