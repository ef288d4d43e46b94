/**
 * What the two versions of the kernel interface have in common, seen from one agent: groups below the one it was started in, named by
 * relative paths (`splitmesh-pi-123/stage-1`).
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import type { GroupReading } from './bench-group.ts';

/** Of a device or a stage. In cores: 0.4 is 40 % of one. Memory with page cache, and no swap besides. */
export type CgroupLimits = Pick<BenchLimits, 'cpuQuotaCores' | 'memoryLimitBytes'>;

/** CPU time relative to the groups beside it, when it is short: what a group has that nobody gave another weight. */
export const USUAL_WEIGHT = 100;

/** What is told of a device or a stage. */
export type CgroupUsage = Pick<GroupReading, 'cpuMs' | 'peakMemoryBytes' | 'oomKills'>;

/**
 * What a group does not need, and what not every machine or agent has: limits of CPUs and of processes; numbers of IO and of pressure; a way to stop
 * all its processes at once.
 */
export type Extra = 'cpuset' | 'pids' | 'io' | 'pressure' | 'freezer';

/** All methods throw the operating system's error when the kernel refuses. */
export interface Hierarchy {
  readonly version: 'v1' | 'v2';
  create(path: string): void;
  /** Lets groups below `path` (empty: the base itself) have limits of their own. */
  delegate(path: string): void;
  /** Takes back what this agent handed down to the groups below, as far as nobody else needs it. */
  undelegate(path: string): void;
  /** The group gets this, too. Error `denied` when it is not there, or not for this agent. */
  include(path: string, extra: Extra): void;
  /**
   * `weighed`: the groups below have weights, and a quota of CPU is to be shared by them. May be called again. `memoryHighBytes` has no effect in v1;
   * `cpus` and `pids` need their extras.
   */
  limit(path: string, limits: BenchLimits, weighed?: boolean): void;
  /** Nothing limits its CPU time but the groups above. */
  unlimitCpu(path: string): void;
  /** Whether the kernel can limit swap. */
  countsSwap(path: string): boolean;
  /** CPU time relative to the groups beside it; weights beyond what the kernel takes are cut. */
  weigh(path: string, weight: number): void;
  enter(path: string, pid: number): void;
  /** Puts the process back where this agent was started. */
  leave(pid: number): void;
  /** Files a process writes `0` to in order to enter the group. */
  procsFiles(path: string): string[];
  processes(path: string): number[];
  usage(path: string): CgroupUsage;
  /** More than `usage`, and slower. */
  reading(path: string): GroupReading;
  /** The kernel's own kill of all processes in the group, also of those that are being started. Throws where it has none (before Linux 5.14). */
  killAll(path: string): void;
  /** Stops or continues all processes in the group; nothing happens without the extra `freezer`. */
  freeze(path: string, frozen: boolean): void;
  /** Removes an empty group. */
  remove(path: string): void;
  /** Names of the groups directly below `path`. */
  children(path: string): string[];
}
