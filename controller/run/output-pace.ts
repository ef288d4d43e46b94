/**
 * How fast frames leave a pipeline: over whole rounds of its turns, because within one they come in bursts.
 *
 *     three replicas in turns, one of them slow     ●●─────────●●●─────────●●●──────    a second may have two frames, or five
 *                                                    ╰── one round ──╯
 */

/** Arrivals that are kept: more than any plan's turns need. */
const KEPT = 4096;

export class OutputPace {
  /** When frames came out, milliseconds, ascending. */
  #arrivals: number[] = [];
  /** Since the last look. */
  #fresh = 0;

  arrived(nowMs: number): void {
    this.#arrivals.push(nowMs);
    if (this.#arrivals.length > 2 * KEPT) this.#arrivals = this.#arrivals.slice(-KEPT);
    this.#fresh += 1;
  }

  /**
   * Milliseconds between frames: over those that came since the last look, and as many before them as make whole rounds. Undefined: none came since, or no
   * round is complete. `period`: frames of a round.
   */
  msSinceLook(period: number): number | undefined {
    const last = this.#arrivals.length - 1;
    const rounds = Math.min(Math.ceil(this.#fresh / period), Math.floor(last / period));
    this.#fresh = 0;
    if (rounds <= 0) return undefined;
    const frames = rounds * period;
    return (this.#arrivals[last]! - this.#arrivals[last - frames]!) / frames;
  }

  /** Another plan: what came before says nothing of it. */
  restart(): void {
    this.#arrivals = [];
    this.#fresh = 0;
  }
}
