/**
 * Where a series changes most: the place that E-divisive would cut at.
 *
 *     · · · · · · · · · | · · · ·          E = 2 × mean |x − y|  −  mean |x − x′|  −  mean |y − y′|          x before the place, y from it on
 *          m values         n values       Q = m n ÷ (m + n) × E, the largest wins
 *
 * Matteson, James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data", JASA 109 (2014), equations 5 to 7 with α = 1. The
 * place only: whether there is a change at all is asked of tests (step-test.ts), not of permutations, as Fleming et al. do ("Hunter", ICPE 2023).
 * Going on by one value moves its distances from one side to the other, so all places together cost one distance for each pair of values.
 */

/** The first index of the second part; both parts have at least `lengthMin` values. Undefined: too few values, or all alike. */
export function energySplit(values: ArrayLike<number>, start: number, end: number, lengthMin: number): number | undefined {
  const length = end - start;
  if (length < 2 * lengthMin) return undefined;
  // Sums of distances between pairs: both before the place, one on each side, both after it.
  let before = 0;
  let across = 0;
  let after = 0;
  const toEarlier = new Float64Array(length);
  const toLater = new Float64Array(length);
  for (let i = 0; i < length; i += 1) {
    const value = values[start + i]!;
    let sum = 0;
    for (let j = 0; j < i; j += 1) {
      const distance = Math.abs(value - values[start + j]!);
      sum += distance;
      toLater[j]! += distance;
    }
    toEarlier[i] = sum;
    after += sum;
  }
  let best: number | undefined;
  let most = 0;
  for (let m = 1; m <= length - lengthMin; m += 1) {
    const moved = m - 1;
    before += toEarlier[moved]!;
    across += toLater[moved]! - toEarlier[moved]!;
    after -= toLater[moved]!;
    if (m < lengthMin) continue;
    const n = length - m;
    const divergence = (2 * across) / (m * n) - within(before, m) - within(after, n);
    const weighted = ((m * n) / length) * divergence;
    if (weighted > most) {
      most = weighted;
      best = start + m;
    }
  }
  return best;
}

/** Mean distance of two different values of one side. */
function within(sum: number, count: number): number {
  return count < 2 ? 0 : (2 * sum) / (count * (count - 1));
}
