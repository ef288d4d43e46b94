/**
 * A CPU quota as Linux enforces it, in detail: every processor takes slices from the group's pool, and looks whether it has overdrawn only when
 * its timer ticks.
 *
 *     pool    ▇▇▇▇▇ 5 ms per period ──slice──▶ local ▇▇ of the session's processor      runs on until the tick, may go below 0
 *                                    ──slice──▶ local ▁  of the main thread's           nothing left: stands still until the next period
 *
 * What is overdrawn is paid back from the next periods first. A thread that goes to sleep keeps 1 ms and gives the rest back. So a thread that
 * needs 0.1 ms may wait for a whole period, because the other has taken the slice: with small quotas this decides the latency.
 * (Turner, Rao and Rao, CPU bandwidth control for CFS, Linux Symposium 2010; kernel/sched/fair.c: assign_cfs_rq_runtime,
 * distribute_cfs_runtime, return_cfs_rq_runtime.) Each thread is taken to have a processor of its own.
 */

import type { CpuLimit, Share } from './cpu-limit.ts';
import { after } from './grid.ts';

export interface KernelQuotaSpec {
  readonly kind: 'kernel';
  /** Cores. */
  readonly cores: number;
  /** Default 10 ms, as agents set it. */
  readonly periodMs?: number;
  /** 1000 ÷ CONFIG_HZ. Default 4 ms. */
  readonly tickMs?: number;
  /** sched_cfs_bandwidth_slice_us. Default 5 ms. */
  readonly sliceMs?: number;
}

const PERIOD_MS = 10;
const TICK_MS = 4;
const SLICE_MS = 5;
/** What a processor keeps when its threads sleep. */
const KEPT_MS = 1;
/** What a processor gets above its debt, so that it may run: 1 ns. */
const LEAST_MS = 1e-6;

export class KernelQuota implements CpuLimit {
  readonly #quotaMs: number;
  readonly #periodMs: number;
  readonly #tickMs: number;
  readonly #sliceMs: number;
  readonly #refillPhaseMs: number;
  readonly #tickPhaseMs: number;
  #atMs = 0;
  #poolMs: number;
  #throttledMs = 0;

  /** `usedCores`: what others of the group take all the time. `phase`: two numbers from 0 to 1, where in period and tick time 0 lies. */
  constructor(spec: KernelQuotaSpec, usedCores: number, phase: readonly [number, number]) {
    const { cores, periodMs = PERIOD_MS, tickMs = TICK_MS, sliceMs = SLICE_MS } = spec;
    this.#quotaMs = (cores - usedCores) * periodMs;
    this.#periodMs = periodMs;
    this.#tickMs = tickMs;
    this.#sliceMs = sliceMs;
    this.#refillPhaseMs = phase[0] * periodMs;
    this.#tickPhaseMs = phase[1] * tickMs;
    this.#poolMs = this.#quotaMs;
  }

  get throttledMs(): number {
    return this.#throttledMs;
  }

  wake(share: Share): void {
    this.#look(share);
  }

  sleep(share: Share): void {
    share.throttled = false;
    if (share.localMs <= KEPT_MS) return;
    this.#poolMs += share.localMs - KEPT_MS;
    share.localMs = KEPT_MS;
  }

  advance(toMs: number, shares: readonly Share[]): number {
    if (shares.length === 0) {
      this.#idle(toMs);
      return 0;
    }
    return this.#walk(toMs, shares, false);
  }

  firstDone(shares: readonly Share[]): number {
    const [atMs, poolMs, throttledMs] = [this.#atMs, this.#poolMs, this.#throttledMs];
    const copies = shares.map(({ workMs, rate, localMs, throttled }) => ({ workMs, rate, localMs, throttled }));
    this.#walk(Number.POSITIVE_INFINITY, copies, true);
    const foundMs = this.#atMs;
    this.#atMs = atMs;
    this.#poolMs = poolMs;
    this.#throttledMs = throttledMs;
    return foundMs;
  }

  #walk(toMs: number, shares: readonly Share[], untilDone: boolean): number {
    let hadMs = 0;
    while (this.#atMs < toMs) {
      const refillMs = after(this.#atMs, this.#refillPhaseMs, this.#periodMs);
      const tickMs = after(this.#atMs, this.#tickPhaseMs, this.#tickMs);
      let doneMs = Number.POSITIVE_INFINITY;
      if (untilDone)
        for (const share of shares) if (!share.throttled) doneMs = Math.min(doneMs, this.#atMs + Math.max(0, share.workMs) / share.rate);
      const nextMs = Math.min(toMs, refillMs, tickMs, doneMs);
      hadMs += this.#run(nextMs - this.#atMs, shares);
      this.#atMs = nextMs;
      if (nextMs === doneMs) break;
      if (nextMs === tickMs) for (const share of shares) if (!share.throttled) this.#look(share);
      if (nextMs === refillMs) this.#refill(shares);
    }
    return hadMs;
  }

  #run(passedMs: number, shares: readonly Share[]): number {
    let hadMs = 0;
    let throttled = false;
    for (const share of shares) {
      if (share.throttled) throttled = true;
      else {
        const usedMs = passedMs * share.rate;
        share.workMs -= usedMs;
        share.localMs -= usedMs;
        hadMs += usedMs;
      }
    }
    if (throttled) this.#throttledMs += passedMs;
    return hadMs;
  }

  /** A processor with nothing left takes a slice, or stands still. */
  #look(share: Share): void {
    if (share.localMs <= 0) this.#give(share, this.#sliceMs);
    share.throttled = share.localMs <= 0;
  }

  #refill(shares: readonly Share[]): void {
    this.#poolMs = this.#quotaMs;
    for (const share of shares) {
      if (!share.throttled) continue;
      this.#give(share, LEAST_MS);
      share.throttled = share.localMs <= 0;
    }
  }

  /** Up to `moreMs` above 0. */
  #give(share: Share, moreMs: number): void {
    const givenMs = Math.min(this.#poolMs, moreMs - share.localMs);
    share.localMs += givenMs;
    this.#poolMs -= givenMs;
  }

  #idle(toMs: number): void {
    if (toMs >= after(this.#atMs, this.#refillPhaseMs, this.#periodMs)) this.#poolMs = this.#quotaMs;
    this.#atMs = Math.max(this.#atMs, toMs);
  }
}
