/**
 * A CPU quota: so much CPU time per period for all threads together, and who has used it up stands still until the next.
 *
 *     left   ▔╲    ╱▔╲    ╱▔╲        refilled every period, never above the quota (no burst)
 *     ───────────╲╱─────╲╱────
 *     runs   ████░░░░████░░░░██
 *
 * As it is meant; for how Linux does it in detail see kernel-quota.ts, which takes several times as long to simulate.
 */
import type { CpuLimit, Share } from './cpu-limit.ts';
import { after } from './grid.ts';

export interface QuotaSpec {
  readonly kind?: 'ideal';
  /** Cores. */
  readonly cores: number;
  /** Default 10 ms, as agents set it. */
  readonly periodMs?: number;
}

const PERIOD_MS = 10;
/** Below this there is nothing left, milliseconds. */
const NOTHING_MS = 1e-9;

export class Quota implements CpuLimit {
  readonly #quotaMs: number;
  readonly #periodMs: number;
  /** Of refills against the simulation's time 0: they do not wait for it. */
  readonly #phaseMs: number;
  #atMs = 0;
  /** When it is refilled next. */
  #refillMs: number;
  #leftMs: number;
  #throttledMs = 0;

  /** `usedCores`: what others of the group take all the time. `phase`: from 0 to 1, where in a period time 0 lies. */
  constructor({ cores, periodMs = PERIOD_MS }: QuotaSpec, usedCores: number, phase: number) {
    this.#quotaMs = (cores - usedCores) * periodMs;
    this.#periodMs = periodMs;
    this.#phaseMs = phase * periodMs;
    this.#leftMs = this.#quotaMs;
    this.#refillMs = after(0, this.#phaseMs, this.#periodMs);
  }

  get throttledMs(): number {
    return this.#throttledMs;
  }

  wake(): void {}

  sleep(): void {}

  advance(toMs: number, shares: readonly Share[]): number {
    if (shares.length === 0) {
      if (toMs >= this.#refillMs) {
        this.#leftMs = this.#quotaMs;
        this.#refillMs = after(toMs, this.#phaseMs, this.#periodMs);
      }
      this.#atMs = toMs;
      return 0;
    }
    const cores = together(shares);
    const activeMs = this.#walk(toMs, cores, Number.POSITIVE_INFINITY);
    for (const share of shares) share.workMs -= activeMs * share.rate;
    return activeMs * cores;
  }

  firstDone(shares: readonly Share[]): number {
    let leastMs = Number.POSITIVE_INFINITY;
    for (const { workMs, rate } of shares) leastMs = Math.min(leastMs, Math.max(0, workMs) / rate);
    if (leastMs === Number.POSITIVE_INFINITY) return leastMs;
    const atMs = this.#atMs;
    const leftMs = this.#leftMs;
    const refillMs = this.#refillMs;
    const throttledMs = this.#throttledMs;
    this.#walk(Number.POSITIVE_INFINITY, together(shares), leastMs);
    const foundMs = this.#atMs;
    this.#atMs = atMs;
    this.#leftMs = leftMs;
    this.#refillMs = refillMs;
    this.#throttledMs = throttledMs;
    return foundMs;
  }

  /** Until `toMs`, or until `cores` were had for `activeMs`. Returns for how long they were had. */
  #walk(toMs: number, cores: number, activeMs: number): number {
    let soFarMs = 0;
    while (this.#atMs < toMs && soFarMs < activeMs) {
      const refillMs = this.#refillMs;
      if (this.#leftMs <= NOTHING_MS) {
        const nextMs = Math.min(toMs, refillMs);
        this.#throttledMs += nextMs - this.#atMs;
        this.#atMs = nextMs;
      } else {
        const doneMs = this.#atMs + (activeMs - soFarMs);
        const nextMs = Math.min(toMs, refillMs, this.#atMs + this.#leftMs / cores, doneMs);
        const passedMs = nextMs - this.#atMs;
        soFarMs = nextMs === doneMs ? activeMs : soFarMs + passedMs;
        // A step that time is too coarse for uses up what is left.
        this.#leftMs = passedMs > 0 ? this.#leftMs - passedMs * cores : 0;
        this.#atMs = nextMs;
      }
      if (this.#atMs === refillMs) {
        this.#leftMs = this.#quotaMs;
        this.#refillMs = after(refillMs, this.#phaseMs, this.#periodMs);
      }
    }
    return soFarMs;
  }
}

function together(shares: readonly Share[]): number {
  let cores = 0;
  for (const { rate } of shares) cores += rate;
  return cores;
}
