/** A clock that stands still until a test moves it. */
import type { Clock, Timer } from '../../mesh/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly then: () => void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #waiting = new Set<Waiting>();

  readonly now = (): number => this.#nowMs;

  readonly after = (ms: number, then: () => void): Timer => {
    const waiting = { atMs: this.#nowMs + ms, then };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  };

  /** How many timers have neither fired nor been cancelled. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Everything that is due until then happens, in its order, each at its time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#waiting.delete(next);
      this.#nowMs = next.atMs;
      next.then();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Waiting | undefined {
    return [...this.#waiting].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}
