/**
 * When a system is warm: its last calls take nearly the same time (steady state by the coefficient of variation: Georges, Buytaert, Eeckhout,
 * Statistically Rigorous Java Performance Evaluation, OOPSLA 2007).
 *
 *     38 ms  21  20.4  20.1  20.3  20.2 …     standard deviation ÷ mean of the last calls ≤ limit ──▶ warm
 *
 * A device that is disturbed may never get there; then it is said that it did not, and what it is worth shows in the spread of what follows.
 */

export interface WarmUpLimits {
  /** Calls that are looked at together. */
  readonly calls: number;
  /** Of their standard deviation ÷ mean. */
  readonly variation: number;
  /** Milliseconds after which it is given up, once there were that many calls. */
  readonly patienceMs: number;
}

export const WARM_UP: WarmUpLimits = { calls: 5, variation: 0.05, patienceMs: 5_000 };

export interface WarmedUp {
  readonly calls: number;
  readonly elapsedMs: number;
  /** False: its times still differed. */
  readonly steady: boolean;
  /** Of the last calls: standard deviation ÷ mean. */
  readonly variation: number;
  /** Of the last calls, milliseconds each. */
  readonly callMs: number;
}

/** `call` computes once. */
export async function warmUp(call: () => Promise<void>, now: () => number, limits: WarmUpLimits = WARM_UP): Promise<WarmedUp> {
  const startMs = now();
  const recent: number[] = [];
  for (let calls = 1; ; calls += 1) {
    const beganMs = now();
    await call();
    const endMs = now();
    recent.push(endMs - beganMs);
    if (recent.length > limits.calls) recent.shift();
    if (recent.length < limits.calls) continue;
    const callMs = recent.reduce((sum, ms) => sum + ms, 0) / recent.length;
    const variance = recent.reduce((sum, ms) => sum + (ms - callMs) ** 2, 0) / (recent.length - 1);
    const variation = callMs === 0 ? 0 : Math.sqrt(variance) / callMs;
    const elapsedMs = endMs - startMs;
    const steady = variation <= limits.variation;
    if (steady || elapsedMs >= limits.patienceMs) return { calls, elapsedMs, steady, variation, callMs };
  }
}
