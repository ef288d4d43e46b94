/**
 * Are values of one sample larger than those of another? Only their order counts, so neither wild values nor the shape of the noise matter.
 *
 *     U = pairs (a, b) with b > a, ties half          no difference: m n ÷ 2 in the mean
 *
 * Mann, Whitney, "On a Test of Whether One of Two Random Variables is Stochastically Larger than the Other", Annals of Mathematical Statistics 18 (1947).
 * Small samples without ties: the share of all orders that are at least so far from the middle, counted. Else the normal approximation, with the
 * variance corrected for ties and half a pair for continuity.
 */
import { studentP } from './student.ts';

/** Up to so many pairs of values all orders are counted: microseconds. */
const COUNTED_MAX = 2_500;

export interface RankTest {
  /** Pairs in which the value of the second sample is larger; ties are halves. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
  readonly exact: boolean;
}

/** Error RangeError: an empty sample. */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) throw new RangeError('Mann-Whitney test of an empty sample');
  const { u, ties } = pairsWon(a, b);
  if (ties === 0 && m * n <= COUNTED_MAX) return { u, p: exactP(u, m, n), exact: true };
  const all = m + n;
  const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return { u, p: variance > 0 ? studentP(distance / Math.sqrt(variance), Number.POSITIVE_INFINITY) : 1, exact: false };
}

/**
 * Two-sided p of U by counting. With ties U is a number of halves and is rounded towards the middle: then it is not exact, but never so sure of itself as
 * the normal approximation is of three values.
 */
export function exactP(u: number, m: number, n: number): number {
  const extreme = Math.ceil(Math.min(u, m * n - u));
  // How many orders have U = 0, 1, …: the coefficients of Π (1 − q^(n + i)) ÷ (1 − q^i), i from 1 to m. Divided as they come, so that nothing overflows.
  const [few, many] = [Math.min(m, n), Math.max(m, n)];
  const shares = new Float64Array(extreme + 1);
  shares[0] = 1;
  for (let i = 1; i <= few; i += 1) {
    for (let at = extreme; at >= many + i; at -= 1) shares[at]! -= shares[at - many - i]!;
    for (let at = i; at <= extreme; at += 1) shares[at]! += shares[at - i]!;
    for (let at = 0; at <= extreme; at += 1) shares[at]! *= i / (many + i);
  }
  return Math.min(1, 2 * shares.reduce((sum, each) => sum + each, 0));
}

/** `ties`: the sum of t³ − t over the values that t of all have. */
function pairsWon(a: readonly number[], b: readonly number[]): { readonly u: number; readonly ties: number } {
  const all = [...a.map((value) => ({ value, second: 0 })), ...b.map((value) => ({ value, second: 1 }))].sort((x, y) => x.value - y.value);
  let ranks = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    let seconds = 0;
    while (end < all.length && all[end]!.value === all[start]!.value) seconds += all[end++]!.second;
    const alike = end - start;
    ranks += (seconds * (start + 1 + end)) / 2;
    ties += alike ** 3 - alike;
    start = end;
  }
  return { u: ranks - (b.length * (b.length + 1)) / 2, ties };
}
