/**
 * Thrashing is what a run does that has just too little memory to be killed for it: it reads its own code and weights again and again, and computes
 * hardly anything.
 *
 *     memory full ── and ── everybody waits for memory most of the time
 *                 └─ and ── it hardly computes (user time), while pages come from disk, or the kernel looks for memory
 *
 * (Measured: a program whose floor is 20 MiB with its files in the page cache hung at 24 MiB with a cold one, and was never killed. An inference with
 * 38 MiB of the 33 that it needs warm: 0.3 s of user time in 100 s, 54 s in the kernel, 69 major faults a second, memory waited for in 38 % of the time.)
 */

/** Of the last seconds. */
export interface RecentUse {
  /** Of its limit, 0 to 1; undefined: memory is not limited. */
  readonly memoryShare: number | undefined;
  /** Part of the time in which all of its processes waited for memory; undefined: the kernel does not say. */
  readonly memoryStall: number | undefined;
  readonly majorFaultsPerS: number;
  /** User time ÷ what one busy thread of it could have had: a core, or its quota of less. Undefined: the kernel does not say. */
  readonly userShare: number | undefined;
}

const FULL = 0.9;
const STALL_MIN = 0.5;
const STALL_SOME = 0.1;
const MAJOR_FAULTS_PER_S = 20;
const USER_SHARE_MAX = 0.1;

export function isThrashing({ memoryShare, memoryStall = 0, majorFaultsPerS, userShare }: RecentUse): boolean {
  if (memoryShare === undefined || memoryShare < FULL) return false;
  if (memoryStall >= STALL_MIN) return true;
  return userShare !== undefined && userShare <= USER_SHARE_MAX && (majorFaultsPerS >= MAJOR_FAULTS_PER_S || memoryStall >= STALL_SOME);
}

/** After so long without a pause nothing else is to be expected: a run at half its speed would compute. */
export const THRASHING_MS = 15_000;

/** Looks again and again; tells when it has thrashed for {@link THRASHING_MS}. */
export class ThrashWatch {
  #sinceMs: number | undefined;

  /** True: it has. */
  look(recent: RecentUse, nowMs: number): boolean {
    if (isThrashing(recent)) this.#sinceMs ??= nowMs;
    else this.#sinceMs = undefined;
    return this.#sinceMs !== undefined && nowMs - this.#sinceMs >= THRASHING_MS;
  }
}
