/**
 * What a kernel would have taken if no quota had stopped it. Under a quota of q cores a program runs for q · P in every period P and stands still for the rest, so a
 * kernel of c microseconds takes
 *
 *     w = c + n · (1 − q) · P        n: how often it is stopped; in the median the whole number nearest to c ÷ (q · P)
 *
 * Short kernels are mostly not stopped at all, long ones take 1 ÷ q times as long: without this, no ratio would fit both.
 */

/** That agents set, microseconds. */
const PERIOD_US = 10_000;

/** `us`: median of the times that were measured. `cores`: of the quota, for each thread that computes. */
export function withoutQuota(us: number, cores: number): number {
  if (cores >= 1) return us;
  const stops = Math.round(us / PERIOD_US);
  const share = cores * PERIOD_US;
  const computed = us - stops * (PERIOD_US - share);
  return Math.min(Math.max(computed, (stops - 0.5) * share), (stops + 0.5) * share);
}
