/**
 * Is B better or worse than A, by how much, and how sure is that?
 *
 *        1 ÷ 1.02     1    1.02                     better, worse   the interval of the ratio excludes 1, the ranks differ (p), and the medians by 2 %
 *     ───────┼────────┼──────┼────────                   same       the interval lies within 2 %: that nothing was found is not enough
 *            ├──same──┤      │  ├─worse─┤                unsure     neither; with how many values it would probably be decided
 *                ├────unsure───┤
 *
 * Both tests have to agree: of few values the bootstrap is too sure, and ranks say nothing of the size. Georges, Buytaert, Eeckhout, "Statistically Rigorous
 * Java Performance Evaluation", OOPSLA 2007, for intervals; Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), for "same".
 */
import type { Random } from '../../mesh/random.ts';
import { medianOf } from '../statistics/band.ts';
import { mannWhitney } from '../statistics/mann-whitney.ts';
import { ratioInterval } from '../statistics/ratio-interval.ts';
import { threeDigits } from '../text/format.ts';

export type Better = 'lower' | 'higher';
export type Verdict = 'better' | 'worse' | 'same' | 'unsure';

export const MIN_EFFECT = 0.02;
export const COMPARISON_CONFIDENCE = 0.95;

export interface ComparisonOptions {
  readonly better: Better;
  readonly random: Random;
  /** A ratio is the same within 1 ÷ (1 + this) and 1 + this. Default MIN_EFFECT. */
  readonly minEffect?: number;
  /** Default COMPARISON_CONFIDENCE. */
  readonly confidence?: number;
}

export interface Comparison {
  /** Median of b ÷ median of a. */
  readonly ratio: number;
  /** Its interval. */
  readonly low: number;
  readonly high: number;
  /** Mann-Whitney, two-sided. */
  readonly p: number;
  /** Of b. */
  readonly verdict: Verdict;
  /** For a person. */
  readonly reason: string;
  /** Values in each sample that would probably decide; undefined: it is decided, or no number can be told. */
  readonly enough: number | undefined;
}

/** Of fewer no order of ranks is rare enough at 95 %. */
export const SAMPLES_MIN = 4;
/** Nobody measures so often. */
const ENOUGH_MAX = 10_000;
/** What would just be decided by the expected values is decided every other time; twice as many values decide four times in five. */
const SURER = 2;

/** Values at least 0, not all 0. Error RangeError: others, or an empty sample. Swapping the samples inverts the answer exactly, for the same random numbers. */
export function compareSamples(a: readonly number[], b: readonly number[], options: ComparisonOptions): Comparison {
  const { better, random, minEffect = MIN_EFFECT, confidence = COMPARISON_CONFIDENCE } = options;
  for (const sample of [a, b]) {
    if (sample.length === 0 || !sample.every((value) => Number.isFinite(value) && value >= 0)) {
      throw new RangeError('comparison: expected two samples of numbers that are not negative');
    }
  }
  const [from, to] = [medianOf(a), medianOf(b)];
  const ratio = from === to ? 1 : to / from;
  const { p } = mannWhitney(a, b);
  if (Math.min(a.length, b.length) < SAMPLES_MIN) {
    const reason = `too few values: ${a.length} and ${b.length}, at least ${SAMPLES_MIN} of each are needed`;
    return { ratio, low: 0, high: Number.POSITIVE_INFINITY, p, verdict: 'unsure', reason, enough: SAMPLES_MIN };
  }
  const { low, high } = orderedInterval(a, b, confidence, random);
  const most = 1 + minEffect;
  const apart = low > 1 || high < 1;
  const sizes = `${change(ratio)} (${change(low)} … ${change(high)}), p ${threeDigits(p)}`;
  const told = { ratio, low, high, p };
  if (low >= 1 / most && high <= most) {
    return { ...told, verdict: 'same', reason: `${sizes}: within ${percent(minEffect)}`, enough: undefined };
  }
  if (apart && p <= 1 - confidence && (ratio >= most || ratio <= 1 / most)) {
    const verdict = ratio > 1 === (better === 'higher') ? 'better' : 'worse';
    return { ...told, verdict, reason: `${sizes}: ${verdict}, ${better} is better`, enough: undefined };
  }
  const enough = enoughOf(Math.min(a.length, b.length), told, minEffect);
  const advice = enough === undefined ? 'it lies at the edge of what counts' : `about ${enough} values of each would tell`;
  return { ...told, verdict: 'unsure', reason: `${sizes}: ${advice}`, enough };
}

/** The same draws for both orders, inverted: first comes the sample whose first different value is smaller. */
function orderedInterval(a: readonly number[], b: readonly number[], confidence: number, random: Random) {
  if (!comesBefore(b, a)) return ratioInterval(a, b, confidence, random);
  const { low, high } = ratioInterval(b, a, confidence, random);
  return { low: 1 / high, high: 1 / low };
}

function comesBefore(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && a[at]! < b[at]!;
}

/** The interval shrinks with the root of the number of values: until it excludes 1, or lies within the least effect, whichever is meant to come. */
function enoughOf(count: number, { ratio, low, high }: Pick<Comparison, 'ratio' | 'low' | 'high'>, minEffect: number): number | undefined {
  if (!(low > 0) || !Number.isFinite(high)) return undefined;
  const half = Math.log(high / low) / 2;
  const effect = Math.abs(Math.log(ratio));
  const least = Math.log1p(minEffect);
  const target = effect > least ? effect : least - effect;
  const enough = Math.ceil(SURER * count * (half / target) ** 2);
  return target > 0 && enough <= ENOUGH_MAX ? Math.max(enough, count + 1) : undefined;
}

function change(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'from 0';
  const share = (ratio - 1) * 100;
  return `${share < 0 ? '−' : '+'}${threeDigits(Math.abs(share))} %`;
}

function percent(share: number): string {
  return `${threeDigits(share * 100)} %`;
}
