/**
 * A CPU quota as the kernel enforces it: so much CPU time per period, and who has used it up stands still until the next.
 *
 *     left   ▔╲    ╱▔╲    ╱▔╲        refilled every period, never above the quota (no burst)
 *     ───────────╲╱─────╲╱────       looked at only when the scheduler ticks: what was overdrawn is paid back first
 *     runs   ████░░░░████░░░░██
 *
 * (Turner, Rao and Rao, CPU bandwidth control for CFS, Linux Symposium 2010.) One pool for all processors of the group: that the kernel
 * hands it out to them in slices is left out.
 */

export interface QuotaSpec {
  /** Cores. */
  readonly cores: number;
  /** Default 10 ms, as agents set it. */
  readonly periodMs?: number;
  /** The kernel's timer tick: 4 ms at 250 Hz. Default 0: stopped the moment the quota is used up. */
  readonly tickMs?: number;
}

const PERIOD_MS = 10;
/** Below this there is nothing left, milliseconds. */
const NOTHING_MS = 1e-9;

export class Quota {
  readonly #quotaMs: number;
  readonly #periodMs: number;
  readonly #tickMs: number;
  /** Of refills and ticks against the simulation's time 0: they do not wait for it. */
  readonly #refillPhaseMs: number;
  readonly #tickPhaseMs: number;
  #atMs = 0;
  #leftMs: number;
  #throttled = false;
  #throttledMs = 0;

  /** `usedCores`: what others of the group take all the time. `phase`: two numbers from 0 to 1, where in period and tick time 0 lies. */
  constructor({ cores, periodMs = PERIOD_MS, tickMs = 0 }: QuotaSpec, usedCores: number, phase: readonly [number, number]) {
    this.#quotaMs = (cores - usedCores) * periodMs;
    this.#periodMs = periodMs;
    this.#tickMs = tickMs;
    this.#refillPhaseMs = phase[0] * periodMs;
    this.#tickPhaseMs = phase[1] * tickMs;
    this.#leftMs = this.#quotaMs;
  }

  get throttledMs(): number {
    return this.#throttledMs;
  }

  /** Goes on to `toMs` with `cores` wanted all the time. Returns for how long they were had, milliseconds. */
  advance(toMs: number, cores: number): number {
    return this.#walk(toMs, cores, Number.POSITIVE_INFINITY);
  }

  /** When `cores` will have been had for `activeMs`, from where it is. Changes nothing. */
  when(activeMs: number, cores: number): number {
    const [atMs, leftMs, throttled, throttledMs] = [this.#atMs, this.#leftMs, this.#throttled, this.#throttledMs];
    this.#walk(Number.POSITIVE_INFINITY, cores, activeMs);
    const foundMs = this.#atMs;
    this.#atMs = atMs;
    this.#leftMs = leftMs;
    this.#throttled = throttled;
    this.#throttledMs = throttledMs;
    return foundMs;
  }

  /** Until `toMs`, or until `cores` were had for `activeMs`. Returns for how long they were had. */
  #walk(toMs: number, cores: number, activeMs: number): number {
    if (cores === 0) {
      this.#idle(toMs);
      return 0;
    }
    let activeSoFarMs = 0;
    // Whoever wants to start with nothing left has to wait, too.
    if (this.#leftMs <= NOTHING_MS) this.#throttled = true;
    while (this.#atMs < toMs && activeSoFarMs < activeMs) {
      const refillMs = this.#nextRefill();
      const stopMs = this.#throttled ? Number.POSITIVE_INFINITY : this.#nextStop(cores);
      const doneMs = this.#throttled ? Number.POSITIVE_INFINITY : this.#atMs + (activeMs - activeSoFarMs);
      const nextMs = Math.min(toMs, refillMs, stopMs, doneMs);
      const passedMs = nextMs - this.#atMs;
      if (this.#throttled) this.#throttledMs += passedMs;
      else {
        activeSoFarMs = nextMs === doneMs ? activeMs : activeSoFarMs + passedMs;
        this.#leftMs -= passedMs * cores;
      }
      this.#atMs = nextMs;
      if (nextMs === stopMs) this.#throttled = true;
      if (nextMs === refillMs) this.#refill(1);
    }
    return activeSoFarMs;
  }

  #idle(toMs: number): void {
    if (this.#atMs < toMs) {
      const refills =
        Math.floor((toMs - this.#refillPhaseMs) / this.#periodMs) - Math.floor((this.#atMs - this.#refillPhaseMs) / this.#periodMs);
      if (refills > 0) this.#refill(refills);
      this.#atMs = toMs;
    }
    this.#throttled = false;
  }

  #refill(times: number): void {
    this.#leftMs = Math.min(this.#leftMs + times * this.#quotaMs, this.#quotaMs);
    if (this.#leftMs > NOTHING_MS) this.#throttled = false;
  }

  #nextRefill(): number {
    return after(this.#atMs, this.#refillPhaseMs, this.#periodMs);
  }

  /** When it is seen that nothing is left. */
  #nextStop(cores: number): number {
    const usedUpMs = this.#atMs + Math.max(0, this.#leftMs) / cores;
    return this.#tickMs === 0 ? usedUpMs : after(Math.max(usedUpMs - NOTHING_MS, this.#atMs), this.#tickPhaseMs, this.#tickMs);
  }
}

/** The first of phase + n × step that is later than `atMs`. */
function after(atMs: number, phaseMs: number, stepMs: number): number {
  const next = phaseMs + (Math.floor((atMs - phaseMs) / stepMs) + 1) * stepMs;
  return next > atMs ? next : next + stepMs;
}
