/** Frames per second over the last few seconds, from how far a run is now and then. Pure but for the clock that is passed in. */
const OVER_MS = 3_000;

export class Speedometer {
  readonly #now: () => number;
  #marks: readonly { readonly atMs: number; readonly frames: number }[] = [];

  /** Milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** `frames` are done now. Undefined until a while has passed. */
  at(frames: number): number | undefined {
    const atMs = this.#now();
    const recent = this.#marks.filter((mark) => mark.atMs >= atMs - OVER_MS);
    this.#marks = [...recent, { atMs, frames }];
    const first = this.#marks[0]!;
    return atMs > first.atMs ? ((frames - first.frames) * 1000) / (atMs - first.atMs) : undefined;
  }
}
