/**
 * The smallest limit with which a workload runs, in few runs: from what it used without pressure, not from the middle of nowhere.
 *
 *     1024 ✓ used 180 ──▶ 180 ✓  176 ✗ ──▶ 178 ✓  177 ✗ ──▶ 178 ✓ ✓        the edge counts when it has held three times
 *
 * Limits are whole numbers of one unit (MiB). What lies at the edge is decided by chance (page cache, allocator); so a limit at which one of three
 * runs failed is none.
 */
import { MeshError } from '../../mesh/error.ts';

export interface Attempt {
  readonly holds: boolean;
  /** What it used at its peak, in the same unit; undefined: unknown. A good guess for the edge. */
  readonly used: number | undefined;
}

export interface MinimumOptions {
  /** A limit that should hold. */
  readonly from: number;
  /** Below it nothing is tried. */
  readonly floor: number;
  readonly runsMax: number;
  /** Runs that must hold at the edge. */
  readonly repeats: number;
}

export const MINIMUM_OPTIONS = { runsMax: 12, repeats: 3 } as const;

export interface Minimum {
  /** Held; undefined: `from` does not. */
  readonly holds: number | undefined;
  /** How often it held. Fewer than asked for: the runs were used up. */
  readonly times: number;
  /** The highest limit below it that failed; undefined: none was tried that failed, down to the floor. */
  readonly fails: number | undefined;
  readonly runs: number;
}

export async function findMinimum(attempt: (limit: number) => Promise<Attempt>, options: MinimumOptions): Promise<Minimum> {
  const { from, floor, runsMax, repeats } = options;
  if (!Number.isInteger(from) || !Number.isInteger(floor) || floor < 1 || from < floor) {
    throw new MeshError('invalid', `limits from ${from} down to ${floor}: expected whole numbers, the first not below the second`);
  }
  const held = new Map<number, number>();
  let runs = 0;
  const holds = async (limit: number): Promise<Attempt> => {
    runs += 1;
    const result = await attempt(limit);
    if (result.holds) held.set(limit, (held.get(limit) ?? 0) + 1);
    return result;
  };

  const first = await holds(from);
  if (!first.holds) return { holds: undefined, times: 0, fails: from, runs };
  /** Holds, as far as is known; fails. */
  let high = from;
  let low: number | undefined;
  let next = clamp(Math.ceil(first.used ?? (from + floor) / 2), floor, from - 1);
  let step = Math.max(1, Math.round(next / 32));
  while (runs < runsMax) {
    if (high - (low ?? floor - 1) > 1) {
      const { holds: good } = await holds(next);
      if (good) high = next;
      else low = next;
      if (low === undefined) next = clamp(high - step, floor, high - 1);
      else if (high === from && low + step < high) next = low + step;
      else next = Math.floor((low + high) / 2);
      step *= 2;
    } else if ((held.get(high) ?? 0) < repeats) {
      if ((await holds(high)).holds) continue;
      // By chance it held before: the next limit that is known to hold is looked at, or one above.
      held.delete(high);
      low = high;
      if (high === from) return { holds: undefined, times: 0, fails: from, runs };
      high = Math.min(...[...held.keys()].filter((limit) => limit > low!));
      next = Math.floor((low + high) / 2);
    } else break;
  }
  return { holds: high, times: held.get(high) ?? 0, fails: low, runs };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
