/**
 * What the two versions of the kernel interface have in common, seen from one agent: groups below the one it was started in, named by
 * relative paths (`splitmesh-pi-123/stage-1`).
 */
export interface CgroupLimits {
  /** CPU time per time, in cores: 0.4 is 40 % of one core. */
  readonly cpuQuotaCores?: number;
  /** Memory and swap together, with page cache. */
  readonly memoryLimitBytes?: number;
}

/** CPU time relative to the groups beside it, when it is short: what a group has that nobody gave another weight. */
export const USUAL_WEIGHT = 100;

export interface CgroupUsage {
  readonly cpuMs?: number;
  /** The kernel's own peak: sampling misses it. */
  readonly peakMemoryBytes?: number;
  /** Processes of this group that were killed because memory ran out. */
  readonly oomKills: number;
}

/** All methods throw the operating system's error when the kernel refuses. */
export interface Hierarchy {
  readonly version: 'v1' | 'v2';
  create(path: string): void;
  /** Lets groups below `path` (empty: the base itself) have limits of their own. */
  delegate(path: string): void;
  /** Takes `delegate` back, as far as nobody else needs it. */
  undelegate(path: string): void;
  /** `weighed`: the groups below have weights, and a quota of CPU is to be shared by them. May be called again. */
  limit(path: string, limits: CgroupLimits, weighed?: boolean): void;
  /** CPU time relative to the groups beside it; weights beyond what the kernel takes are cut. */
  weigh(path: string, weight: number): void;
  enter(path: string, pid: number): void;
  /** Puts the process back where this agent was started. */
  leave(pid: number): void;
  /** Files a process writes `0` to in order to enter the group. */
  procsFiles(path: string): string[];
  usage(path: string): CgroupUsage;
  /** Removes an empty group. */
  remove(path: string): void;
  /** Names of the groups directly below `path`. */
  children(path: string): string[];
}
