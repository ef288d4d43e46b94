/**
 * Says when predictions have become wrong for good: the cumulative sums of Page, "Continuous Inspection Schemes", Biometrika 41 (1954), one for each
 * direction.
 *
 *     up   ← max(0, up   + z − slack)        z: how far a timing is from its prediction, in standard deviations
 *     down ← max(0, down − z − slack)        one above the limit: drift, and it began when that sum was last 0
 *
 * z is cut at a few deviations, so that one timing, however wild, is no drift, and neither are two. The constants were found by simulation (test/controller/
 * profiler/transfer/drift.test.ts repeats it): of 400 devices that only vary, by 20 %, fewer than 1 in 100 alarm within 200 timings, and a third of the
 * speed is noticed at the third timing.
 */
const SLACK = 0.75;
const LIMIT = 9;
const CUT = 4;

export interface CusumState {
  readonly up: number;
  readonly down: number;
  /** Timings since that sum was last 0. */
  readonly upSince: number;
  readonly downSince: number;
}

export const quiet: CusumState = { up: 0, down: 0, upSince: 0, downSince: 0 };

export function afterTiming(state: CusumState, z: number): CusumState {
  const cut = Math.max(-CUT, Math.min(CUT, z));
  const up = Math.max(0, state.up + cut - SLACK);
  const down = Math.max(0, state.down - cut - SLACK);
  return { up, down, upSince: up === 0 ? 0 : state.upSince + 1, downSince: down === 0 ? 0 : state.downSince + 1 };
}

/** How many timings ago it began, this one included; undefined: there is none. */
export function driftSince({ up, down, upSince, downSince }: CusumState): number | undefined {
  if (Math.max(up, down) < LIMIT) return undefined;
  return up > down ? upSince : downSince;
}
