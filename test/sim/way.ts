/**
 * One direction of a connection: what is sent arrives in that order, each thing after a delay of its own; while the way is blocked nothing
 * arrives and nothing is lost, as TCP repeats until it gets through.
 *
 *     send ──▶ [ 3 2 1 ] ──▶ arrives          blocked: [ 4 3 2 1 ] waits, then comes in a burst
 */
import type { VirtualClock } from './virtual-clock.ts';

/** Between two arrivals: nothing arrives at the same moment on one way. */
const GAP_MS = 0.001;

export interface WayOptions {
  readonly clock: VirtualClock;
  readonly label: string;
  /** For the next thing that is sent, milliseconds. */
  readonly delayMs: () => number;
  /** Whether something that is there now could arrive. */
  readonly free: () => boolean;
  /** After a block: until the sender repeats what got lost. */
  readonly retryMs: () => number;
}

export class Way {
  readonly #options: WayOptions;
  readonly #travelling: (() => void)[] = [];
  /** Arrivals that found the way blocked. */
  #stuck = 0;
  #lastMs = 0;

  constructor(options: WayOptions) {
    this.#options = options;
  }

  /** Things that were sent and have not arrived. */
  get travelling(): number {
    return this.#travelling.length;
  }

  send(what: string, arrive: () => void): void {
    const { clock, delayMs } = this.#options;
    this.#travelling.push(arrive);
    this.#expect(what, clock.now() + delayMs());
  }

  /** The way may be free again: what waits sets out once more. */
  retry(): void {
    if (this.#stuck === 0 || !this.#options.free()) return;
    const { clock, retryMs } = this.#options;
    const againMs = clock.now() + retryMs();
    for (; this.#stuck > 0; this.#stuck -= 1) this.#expect('repeated', againMs);
  }

  /** What is on its way is lost. */
  drop(): void {
    this.#travelling.length = 0;
    this.#stuck = 0;
  }

  #expect(what: string, earliestMs: number): void {
    const { clock, label, free } = this.#options;
    this.#lastMs = Math.max(this.#lastMs + GAP_MS, earliestMs);
    clock.at(this.#lastMs, `${label} ${what}`, () => {
      if (this.#travelling.length === 0) return;
      if (free()) this.#travelling.shift()!();
      else this.#stuck += 1;
    });
  }
}
