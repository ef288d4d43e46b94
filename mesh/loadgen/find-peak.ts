/**
 * The highest rate at which a server run is valid: by doubling until one is not, then by halving the gap.
 *
 *     rate   1   2   4   8 ✗      4 … 8:   6 ✓   7 ✗   6.5 ✓ ──▶ 6.5
 *
 * A valid run at a rate is a proof for that rate only with the confidence of early stopping, and what is measured is noisy: a rate that fails is
 * tried once more before it counts, so that one bad moment does not halve the result.
 */
import { MeshError } from '../error.ts';

export interface PeakOptions {
  /** Where it begins: what the system does without pauses is a good guess. Queries per second. */
  readonly startPerS: number;
  /** It ends when the gap is so much of the rate: 0.02. */
  readonly precision: number;
  /** Runs, at most. */
  readonly attemptsMax: number;
}

export interface Peak {
  /** Of a valid run; undefined: none was. */
  readonly queriesPerS: number | undefined;
  /** The lowest rate that failed twice; undefined: none did. */
  readonly failedPerS: number | undefined;
  readonly attempts: number;
}

/** `isValid` makes a run at that rate. Error `invalid` for options that lead nowhere. */
export async function findPeak(isValid: (queriesPerS: number) => Promise<boolean>, options: PeakOptions): Promise<Peak> {
  const { startPerS, precision, attemptsMax } = options;
  if (!(startPerS > 0) || !Number.isFinite(startPerS))
    throw new MeshError('invalid', `a search can't begin at ${startPerS} queries per second`);
  if (!(precision > 0 && precision < 1)) throw new MeshError('invalid', `a precision of ${precision} is not between 0 and 1`);
  let attempts = 0;
  let low: number | undefined;
  let high: number | undefined;
  const left = (): boolean => attempts < attemptsMax;
  const holds = async (rate: number): Promise<boolean> => {
    attempts += 1;
    if (await isValid(rate)) return true;
    if (!left()) return false;
    attempts += 1;
    return await isValid(rate);
  };
  for (let rate = startPerS; left(); rate = nextRate(low, high, rate)) {
    if (await holds(rate)) low = rate;
    else high = rate;
    if (low !== undefined && high !== undefined && high - low <= precision * low) break;
    // Slower than a query in an hour is no rate.
    if (low === undefined && rate < 1 / 3600) break;
  }
  return { queriesPerS: low, failedPerS: high, attempts };
}

function nextRate(low: number | undefined, high: number | undefined, rate: number): number {
  if (high === undefined) return rate * 2;
  return low === undefined ? rate / 2 : (low + high) / 2;
}
