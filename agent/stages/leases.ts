/**
 * A run's stages live here as long as its controller renews their lease. Time is passed in, milliseconds of any monotonic clock.
 */
export class Leases {
  readonly #endMs = new Map<string, number>();

  /** Grants or extends; never shortens. */
  extend(run: string, leaseMs: number, nowMs: number): void {
    this.#endMs.set(run, Math.max(this.#endMs.get(run) ?? 0, nowMs + leaseMs));
  }

  /** The run has no stages here any more. */
  forget(run: string): void {
    this.#endMs.delete(run);
  }

  /** Runs whose lease has ended, in the order they ended. They stay expired until forgotten or extended. */
  expired(nowMs: number): string[] {
    return [...this.#endMs]
      .filter(([, endMs]) => endMs <= nowMs)
      .sort(([, a], [, b]) => a - b)
      .map(([run]) => run);
  }
}
