/**
 * How many queries a percentile needs: MLPerf's early stopping criterion (MLPerf Inference Rules, appendix "Early Stopping Criterion"; tolerance 0,
 * confidence 99 %).
 *
 *     n queries, t of them too slow: would a system that is fast enough in p of all cases have shown as few as that by chance?
 *
 *         P(at most t of n are too slow) = Σ C(n, x) (1 − p)ˣ pⁿ⁻ˣ, x = 0 … t     ≤ 1 − c  ──▶  no: it is faster than that
 *
 * A bound that a few queries meet by luck is not met; so few queries give a higher percentile than the one asked for, never a lower one.
 */

export const CONFIDENCE = 0.99;

/** The most queries of `count` that may be too slow; undefined when so few show nothing. `percentile`: in (0, 1), 0.99. */
export function overlatencyAllowed(count: number, percentile: number, confidence = CONFIDENCE): number | undefined {
  let allowed: number | undefined;
  let odds = 0;
  // In logarithms: pⁿ is no number any more for thousands of queries.
  let term = count * Math.log(percentile);
  const ratio = Math.log1p(-percentile) - Math.log(percentile);
  for (let t = 0; t < count; t += 1) {
    odds += Math.exp(term);
    if (odds > 1 - confidence) break;
    allowed = t;
    term += Math.log((count - t) / (t + 1)) + ratio;
  }
  return allowed;
}

/** The fewest queries of which `overlatency` may be too slow. */
export function queriesNeeded(overlatency: number, percentile: number, confidence = CONFIDENCE): number {
  const enough = (count: number): boolean => (overlatencyAllowed(count, percentile, confidence) ?? -1) >= overlatency;
  let high = overlatency + 1;
  while (!enough(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

export interface PercentileEstimate {
  /** Undefined: too few queries. */
  readonly value: number | undefined;
  /** The highest, that were left out; of them at least one must be. */
  readonly discarded: number;
  /** How many queries it needs at least. */
  readonly needed: number;
}

/** Of latencies in ascending order: at least as high as the percentile, with that confidence. */
export function estimatePercentile(ascending: ArrayLike<number>, percentile: number, confidence = CONFIDENCE): PercentileEstimate {
  const needed = queriesNeeded(1, percentile, confidence);
  const allowed = overlatencyAllowed(ascending.length, percentile, confidence) ?? 0;
  if (allowed < 1) return { value: undefined, discarded: 0, needed };
  return { value: ascending[ascending.length - allowed]!, discarded: allowed - 1, needed };
}
