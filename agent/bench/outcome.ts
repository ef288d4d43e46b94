/**
 * How a benchmark run ended, from what the kernel and the clock say of it. In this order: what was done to it from outside comes before what it did.
 *
 *     cancelled ── killed for want of memory ── ended by us: it thrashed, or was over its time ── ended by itself: well, or not
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
  /** Why it was killed, when it was. */
  readonly killed: 'cancelled' | 'past its deadline' | 'thrashing' | undefined;
  /** Its last seconds: see thrashing.ts. */
  readonly thrashing: boolean;
}

export function outcomeOf({ code, signal, oomKills, allocationFailed, killed, thrashing }: EndFacts): Outcome {
  if (killed === 'cancelled') return { kind: 'cancelled' };
  // A program may live on when one of its children was killed, and end well.
  if ((oomKills > 0 || allocationFailed) && code !== 0) return { kind: 'out-of-memory' };
  if (killed !== undefined) return { kind: thrashing || killed === 'thrashing' ? 'thrashing' : 'timed-out' };
  if (code === 0) return { kind: 'ok' };
  return { kind: 'crashed', ...(signal === null ? {} : { signal }), ...(code === null ? {} : { code }) };
}
