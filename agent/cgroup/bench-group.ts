/**
 * The group of one benchmark run: its limits hold for all processes of the run together, and all they use is counted there, also of those that
 * have ended or were started in between.
 *
 *     addBench ──▶ processes enter by procsFiles ──▶ read, read, read … ──▶ kill ──▶ read ──▶ remove
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';

export interface BenchGroup {
  readonly version: 'v1' | 'v2';
  /** As they were set: the tighter of the order's and the device's, which hold also when the order has none. */
  readonly limits: BenchLimits;
  /** What could not be had as it was asked for, and why; for a person. */
  readonly warnings: readonly string[];
  /** Files a process writes `0` to in order to enter the group, before it does anything else. */
  readonly procsFiles: readonly string[];
  read(): GroupReading;
  /** Ids of the processes that are in the group now, or in one that they made below it. */
  processes(): number[];
  /**
   * SIGKILL to everything in it, until nothing is. It waits for half a second at most: what still hangs in the kernel then, `remove` says. Takes the
   * quota of CPU off, because dying needs CPU time too: nothing that is counted afterwards is of the run.
   */
  kill(): void;
  /** Its processes must be gone; false when they are not quite. */
  remove(): boolean;
}

/** Counters from the start of the group, and levels of now. Absent: this kernel does not say. */
export interface GroupReading {
  readonly cpuMs?: number;
  readonly cpuUserMs?: number;
  readonly cpuSystemMs?: number;
  /** In which it wanted to run. */
  readonly quotaPeriods?: number;
  /** In which its quota was used up. */
  readonly throttledPeriods?: number;
  /** Of all CPUs together. */
  readonly throttledMs?: number;
  /** Anonymous, shared and kernel memory now: what can't be given back but to swap. */
  readonly unreclaimableBytes?: number;
  /** With page cache, now. */
  readonly totalBytes?: number;
  /** The kernel's own peak of `totalBytes`: sampling misses it. */
  readonly peakMemoryBytes?: number;
  readonly swapBytes?: number;
  readonly majorFaults?: number;
  /** Processes of this group that were killed because memory ran out. */
  readonly oomKills: number;
  readonly cpuStalledMs?: number;
  readonly memoryStalledSomeMs?: number;
  readonly memoryStalledFullMs?: number;
  readonly ioStalledFullMs?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}
