/** What decides how much of a processor the threads of a device get: nothing but its cores, or a quota. */

/** A thread that has something to do, as a limit sees it. */
export interface Share {
  /** CPU milliseconds still to be done. */
  workMs: number;
  /** Cores it runs on while nothing stops it. */
  rate: number;
  /** What its processor has taken from the pool of a quota and not used. */
  localMs: number;
  throttled: boolean;
}

export interface CpuLimit {
  /** Time in which a thread wanted to run and the quota was used up. */
  readonly throttledMs: number;
  /** A thread has something to do, from now on. */
  wake(share: Share): void;
  /** It has nothing more to do. */
  sleep(share: Share): void;
  /** Goes on to `toMs` and takes what was done off the work of those that run. Returns the CPU time they had. */
  advance(toMs: number, shares: readonly Share[]): number;
  /** When the first of them will be done, from where it is; Infinity without any. Changes nothing. */
  firstDone(shares: readonly Share[]): number;
}

/** As much as there are cores. */
export class NoQuota implements CpuLimit {
  readonly throttledMs = 0;
  #atMs = 0;

  wake(): void {}

  sleep(): void {}

  advance(toMs: number, shares: readonly Share[]): number {
    const passedMs = toMs - this.#atMs;
    let hadMs = 0;
    for (const share of shares) {
      share.workMs -= passedMs * share.rate;
      hadMs += passedMs * share.rate;
    }
    this.#atMs = toMs;
    return hadMs;
  }

  firstDone(shares: readonly Share[]): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const { workMs, rate } of shares) leastMs = Math.min(leastMs, Math.max(0, workMs) / rate);
    return this.#atMs + leastMs;
  }
}
