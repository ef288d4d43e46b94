/**
 * One decoder under fire.
 */
import type { Random } from '../../../mesh/random.ts';

export interface Target {
  readonly name: string;
  /** Out of ten cases, how many are for this target. */
  readonly share: number;
  /** Hostile bytes; `random` also decides lengths and limits. */
  next(random: Random): Uint8Array;
  /** What came of them: accepted, or why not. Throws a Finding. */
  run(bytes: Uint8Array, random: Random): string;
}
