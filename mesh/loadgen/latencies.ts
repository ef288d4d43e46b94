/**
 * Latencies of the queries of a run, milliseconds: all of them, because a percentile of a sample is not one of the run. Four bytes each (relative
 * precision 6e-8), so that a measured process with little memory can keep millions; taken in pieces, so that none is ever copied.
 */
const PIECE = 4096;

export class Latencies {
  readonly #pieces: Float32Array[] = [];
  #count = 0;

  add(ms: number): void {
    const at = this.#count % PIECE;
    if (at === 0) this.#pieces.push(new Float32Array(PIECE));
    this.#pieces.at(-1)![at] = ms;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** In the order of issue. */
  *[Symbol.iterator](): Iterator<number> {
    let left = this.#count;
    for (const piece of this.#pieces) {
      yield* piece.subarray(0, left);
      left -= PIECE;
    }
  }

  ascending(): Float32Array {
    const all = new Float32Array(this.#count);
    for (const [index, piece] of this.#pieces.entries()) {
      all.set(piece.subarray(0, this.#count - index * PIECE), index * PIECE);
    }
    return all.sort();
  }
}
