/**
 * How a benchmark run ended, from what the kernel and the clock say of it. In this order: what was done to it from outside comes before what it did.
 *
 *     cancelled ── killed for want of memory ── over its time: thrashing, or only slow ── ended by itself: well, or not
 *
 * Thrashing is what a run does that has just too little memory to be killed for it: it reads its own code and weights again and again, and computes
 * hardly anything. (Measured: a program whose floor is 20 MiB with its files in the page cache hung at 24 MiB with a cold one, and was never killed.)
 */
import type { Outcome } from '../../mesh/bench/outcome.ts';

export interface EndFacts {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Processes of its group that were killed because memory ran out. */
  readonly oomKills: number;
  /** It said itself that it got no more memory: of its heap, or of the system. */
  readonly allocationFailed: boolean;
  readonly pastDeadline: boolean;
  readonly cancelled: boolean;
  /** In which part of its last seconds all of its processes waited for memory, 0 to 1; undefined: the kernel does not say. */
  readonly memoryStall: number | undefined;
  /** Pages that it had to read from disk again in its last seconds, per second. */
  readonly majorFaultsPerS: number;
  /** CPU time of its last seconds ÷ what it was allowed. */
  readonly cpuShare: number;
}

/** The kernel's own word, where it has one: more than half of the time nobody could go on. */
const STALL_MIN = 0.5;
/** Else: pages come from disk all the time, and most of the CPU it may have is left. */
const MAJOR_FAULTS_PER_S_MIN = 100;
const CPU_SHARE_MAX = 0.5;

export function outcomeOf(facts: EndFacts): Outcome {
  const { code, signal, oomKills, allocationFailed, pastDeadline, cancelled } = facts;
  if (cancelled) return { kind: 'cancelled' };
  // A program may live on when one of its children was killed, and end well.
  if ((oomKills > 0 || allocationFailed) && code !== 0) return { kind: 'out-of-memory' };
  if (pastDeadline) return { kind: isThrashing(facts) ? 'thrashing' : 'timed-out' };
  if (code === 0) return { kind: 'ok' };
  return { kind: 'crashed', ...(signal === null ? {} : { signal }), ...(code === null ? {} : { code }) };
}

function isThrashing({ memoryStall, majorFaultsPerS, cpuShare }: EndFacts): boolean {
  if (memoryStall !== undefined) return memoryStall >= STALL_MIN;
  return majorFaultsPerS >= MAJOR_FAULTS_PER_S_MIN && cpuShare <= CPU_SHARE_MAX;
}
