/**
 * The groups of one agent. The device's limits hold for all of it together, so that the emulated device is agent and stages:
 *
 *     splitmesh-<name>-<pid>       the device's limits
 *       ├─ agent                   this daemon
 *       ├─ stage-1                 one leaf per stage, perhaps with limits of its own
 *       ├─ stage-2
 *       └─ bench-1                 one leaf per benchmark run
 *
 * Gone when the agent ends; what a killed agent left behind is removed by the next one, when that begins or ends.
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import { optional } from '../../mesh/wire-number.ts';
import { attempt } from './attempt.ts';
import type { BenchGroup } from './bench-group.ts';
import { type CgroupLimits, type CgroupUsage, type Hierarchy, USUAL_WEIGHT } from './hierarchy.ts';
import { openBenchGroup } from './open-bench-group.ts';
import { removeGroups } from './subtree.ts';
import { tighter } from './tighter.ts';

export interface StageGroup {
  /** Files a process writes `0` to in order to enter the group, before it does anything else. */
  readonly procsFiles: readonly string[];
  usage(): CgroupUsage;
  /** Removes the group. Its processes must be gone; false when they are not quite. */
  remove(): boolean;
}

export interface DeviceGroup {
  readonly version: 'v1' | 'v2';
  /** Limits larger than the device's are cut down to them. `weight`: default 100. Error `denied` when the kernel refuses. */
  addStage(limits: CgroupLimits, weight?: number): StageGroup;
  /** Limits that the device has hold for it, too. Errors: `denied` when one can't be had, `invalid` for a quota that no kernel keeps. */
  addBench(limits: BenchLimits): BenchGroup;
  /** What agent and stages use together. */
  usage(): CgroupUsage;
  /** Moves the agent back to where it was started and removes all groups. Idempotent; what can't be removed is left to the next agent. */
  close(): void;
}

export interface DeviceGroupOptions {
  readonly hierarchies: readonly Hierarchy[];
  readonly name: string;
  readonly pid: number;
  readonly limits: CgroupLimits;
  readonly isAlive: (pid: number) => boolean;
  /** Sends SIGKILL; the default is the kernel's. */
  readonly killProcess?: (pid: number) => void;
}

/** Error `denied` when no hierarchy can be used: the message says why, the hint how to get the permission. */
export function openDeviceGroup(options: DeviceGroupOptions): DeviceGroup {
  const refusals: string[] = [];
  for (const hierarchy of options.hierarchies) {
    try {
      removeStale(hierarchy, options.isAlive);
      return new OpenDeviceGroup(hierarchy, options);
    } catch (error) {
      refusals.push(`cgroup ${hierarchy.version}: ${MeshError.from(error).message}`);
    }
  }
  const why = refusals.length > 0 ? refusals.join('; ') : 'this machine has no cgroup hierarchy with the cpu and memory controllers';
  throw new MeshError('denied', `CPU and memory limits can't be enforced here: ${why}`, {
    hint: 'run the agent as root or as a systemd service with Delegate=yes, or without --cpu-quota and --memory',
  });
}

class OpenDeviceGroup implements DeviceGroup {
  readonly #hierarchy: Hierarchy;
  readonly #path: string;
  readonly #pid: number;
  readonly #limits: CgroupLimits;
  readonly #isAlive: (pid: number) => boolean;
  readonly #killProcess: (pid: number) => void;
  #stages = 0;
  #benches = 0;
  /** Paths of the stages that have a weight. */
  readonly #weighed = new Set<string>();
  #closed = false;

  constructor(hierarchy: Hierarchy, { name, pid, limits, isAlive, killProcess }: DeviceGroupOptions) {
    this.#hierarchy = hierarchy;
    this.#killProcess = killProcess ?? killByForce;
    this.#isAlive = isAlive;
    this.#path = `splitmesh-${name}-${pid}`;
    this.#pid = pid;
    this.#limits = limits;
    try {
      hierarchy.create(this.#path);
      hierarchy.create(`${this.#path}/agent`);
      hierarchy.enter(`${this.#path}/agent`, pid);
      hierarchy.delegate('');
      hierarchy.delegate(this.#path);
      hierarchy.limit(this.#path, limits);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get version(): 'v1' | 'v2' {
    return this.#hierarchy.version;
  }

  addStage(limits: CgroupLimits, weight = USUAL_WEIGHT): StageGroup {
    this.#stages += 1;
    const path = `${this.#path}/stage-${this.#stages}`;
    try {
      this.#hierarchy.create(path);
      this.#hierarchy.limit(path, limitsOf(limits, this.#limits));
      if (weight !== USUAL_WEIGHT) this.#weigh(path, weight);
    } catch (error) {
      this.#removeStage(path);
      throw new MeshError('denied', `the limits of the stage can't be enforced: ${MeshError.from(error).message}`, { cause: error });
    }
    return {
      procsFiles: this.#hierarchy.procsFiles(path),
      usage: () => this.#hierarchy.usage(path),
      remove: () => this.#removeStage(path),
    };
  }

  addBench(limits: BenchLimits): BenchGroup {
    this.#benches += 1;
    return openBenchGroup({
      hierarchy: this.#hierarchy,
      path: `${this.#path}/bench-${this.#benches}`,
      asked: limits,
      device: this.#limits,
      killProcess: this.#killProcess,
    });
  }

  #weigh(path: string, weight: number): void {
    this.#hierarchy.weigh(path, weight);
    this.#weighed.add(path);
    if (this.#weighed.size === 1) this.#limitCpu(true);
  }

  #removeStage(path: string): boolean {
    const removed = attempt(() => this.#hierarchy.remove(path));
    if (removed && this.#weighed.delete(path) && this.#weighed.size === 0) attempt(() => this.#limitCpu(false));
    return removed;
  }

  #limitCpu(weighed: boolean): void {
    const { cpuQuotaCores } = this.#limits;
    if (cpuQuotaCores !== undefined) this.#hierarchy.limit(this.#path, { cpuQuotaCores }, weighed);
  }

  usage(): CgroupUsage {
    return this.#hierarchy.usage(this.#path);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    attempt(() => this.#hierarchy.undelegate(this.#path));
    attempt(() => this.#hierarchy.undelegate(''));
    attempt(() => this.#hierarchy.leave(this.#pid));
    removeGroups(this.#hierarchy, this.#path);
    // What a killed agent left behind may still have held a process when this one began.
    removeStale(this.#hierarchy, this.#isAlive);
  }
}

/** What the device has holds for its stages together; only a limit that a stage has is set for it, too. */
function limitsOf(stage: CgroupLimits, device: CgroupLimits): CgroupLimits {
  const { cpuQuotaCores, memoryLimitBytes } = tighter(stage, device);
  return {
    ...(stage.cpuQuotaCores === undefined ? {} : optional('cpuQuotaCores', cpuQuotaCores)),
    ...(stage.memoryLimitBytes === undefined ? {} : optional('memoryLimitBytes', memoryLimitBytes)),
  };
}

/** Groups of agents that no longer run. One that still holds a process can't be removed and is left to a later agent. */
function removeStale(hierarchy: Hierarchy, isAlive: (pid: number) => boolean): void {
  for (const name of hierarchy.children('')) {
    const pid = /^splitmesh-.+-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeGroups(hierarchy, name);
  }
}

function killByForce(pid: number): void {
  process.kill(pid, 'SIGKILL');
}
