/**
 * Alarm rules of a metric, asked of the newest run of its history. Change points are looked for in all of it.
 *
 *     above, below        the value itself                                            1 run
 *     kSigma              |value − median| ÷ robust standard deviation                10 runs before it, the last 50 count
 *     relativeChange      value ÷ median − 1                                          3 runs before it, the last `over` count
 *     changePoint         change-points.ts                                            6 runs
 *
 * `direction` says which deviations count for kSigma and relativeChange; of change points those for the worse are alarms. A rule that has too little history to go by is not kept silent.
 */
import { medianOf } from '../statistics/band.ts';
import { threeDigits } from '../text/format.ts';
import { type ChangePoint, findChangePoints, LENGTH_MIN } from './change-points.ts';
import { robustDeviation } from './clip.ts';

export type Direction = 'up' | 'down' | 'both';

export interface AlarmRule {
  readonly above?: number;
  readonly below?: number;
  /** In standard deviations, above 0. */
  readonly kSigma?: number;
  /** A share: 0.1 is ten per cent. */
  readonly relativeChange?: number;
  /** Runs before the newest one whose median it is compared with by relativeChange. Default OVER. */
  readonly over?: number;
  readonly direction: Direction;
  /** Default true. */
  readonly changePoint?: boolean;
}

export type RuleKind = 'above' | 'below' | 'k-sigma' | 'relative-change';
export type AlarmKind = RuleKind | 'change-point';

export interface Violation {
  readonly kind: RuleKind;
  readonly found: number;
  /** The value at which it would just not have been violated. */
  readonly limit: number;
  /** Found ÷ what is usual; of a threshold, ÷ the threshold. */
  readonly ratio: number;
  /** For a person. */
  readonly expected: string;
}

export interface NotJudged {
  readonly kind: AlarmKind;
  /** Runs, the newest included. */
  readonly needed: number;
  readonly there: number;
}

export interface RuleResult {
  readonly violations: readonly Violation[];
  /** In both directions: one of them is an alarm, the other one may undo it (alarms.ts). */
  readonly changePoints: readonly ChangePoint[];
  readonly notJudged: readonly NotJudged[];
}

export const OVER = 10;
const SIGMA_OVER = 50;
const SIGMA_FROM = 10;
const RELATIVE_FROM = 3;
/** Of the level: what is steadier is not worth an alarm. */
const DEVIATION_LEAST = 1 / 400;

/** Error RangeError: values that are no numbers, a limit that makes no sense. */
export function applyRule(values: readonly number[], rule: AlarmRule): RuleResult {
  const { above, below, kSigma, relativeChange, over = OVER, direction, changePoint = true } = rule;
  for (const [name, limit] of Object.entries({ kSigma, relativeChange, over })) {
    if (limit !== undefined && !(limit > 0)) throw new RangeError(`rule: ${name} is ${limit}, expected more than 0`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`rule: value ${bad} is ${values[bad]}, expected numbers`);
  const violations: Violation[] = [];
  const notJudged: NotJudged[] = [];
  const enough = (kind: AlarmKind, needed: number): boolean => {
    if (values.length >= needed) return true;
    notJudged.push({ kind, needed, there: values.length });
    return false;
  };
  const found = values.at(-1) ?? Number.NaN;
  const before = values.slice(0, -1);
  const threshold = (kind: 'above' | 'below', limit: number, violated: boolean): void => {
    if (violated)
      violations.push({
        kind,
        found,
        limit,
        ratio: found / limit,
        expected: `${kind === 'above' ? 'at most' : 'at least'} ${threeDigits(limit)}`,
      });
  };
  const distance = (kind: 'k-sigma' | 'relative-change', usual: number, most: number, words: string): void => {
    const off = found - usual;
    if (Math.abs(off) <= most || !counts(direction, off > 0)) return;
    const limit = usual + Math.sign(off) * most;
    violations.push({ kind, found, limit, ratio: found / usual, expected: `${threeDigits(usual)} ± ${threeDigits(most)}: ${words}` });
  };

  if (above !== undefined && enough('above', 1)) threshold('above', above, found > above);
  if (below !== undefined && enough('below', 1)) threshold('below', below, found < below);
  if (kSigma !== undefined && enough('k-sigma', SIGMA_FROM + 1)) {
    const recent = before.slice(-SIGMA_OVER);
    const usual = medianOf(recent);
    const sigma = Math.max(robustDeviation(recent.map((value) => value - usual)), DEVIATION_LEAST * Math.abs(usual));
    distance('k-sigma', usual, kSigma * sigma, `${kSigma} standard deviations of the ${recent.length} runs before`);
  }
  if (relativeChange !== undefined && enough('relative-change', RELATIVE_FROM + 1)) {
    const recent = before.slice(-over);
    const usual = medianOf(recent);
    const words = `${threeDigits(relativeChange * 100)} % of the median of the ${recent.length} runs before`;
    distance('relative-change', usual, relativeChange * Math.abs(usual), words);
  }
  const changePoints = changePoint && enough('change-point', 2 * LENGTH_MIN) ? findChangePoints(values) : [];
  return { violations, changePoints, notJudged };
}

function counts(direction: Direction, up: boolean): boolean {
  return direction === 'both' || up === (direction === 'up');
}
