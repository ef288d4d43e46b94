/**
 * The groups of one agent. The device's limits hold for all of it together, so that the emulated device is agent and stages:
 *
 *     splitmesh-<name>-<pid>       the device's limits
 *       ├─ agent                   this daemon
 *       ├─ stage-1                 one leaf per stage, perhaps with limits of its own
 *       └─ stage-2
 *
 * Gone when the agent ends; what a killed agent left behind is removed by the next one, when that begins or ends.
 */
import { MeshError } from '../../mesh/error.ts';
import { type CgroupLimits, type CgroupUsage, type Hierarchy, USUAL_WEIGHT } from './hierarchy.ts';

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
  #stages = 0;
  /** Paths of the stages that have a weight. */
  readonly #weighed = new Set<string>();
  #closed = false;

  constructor(hierarchy: Hierarchy, { name, pid, limits, isAlive }: DeviceGroupOptions) {
    this.#hierarchy = hierarchy;
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
      this.#hierarchy.limit(path, smaller(limits, this.#limits));
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
    removeTree(this.#hierarchy, this.#path);
    // What a killed agent left behind may still have held a process when this one began.
    removeStale(this.#hierarchy, this.#isAlive);
  }
}

function smaller(wanted: CgroupLimits, most: CgroupLimits): CgroupLimits {
  const cpu = minimum(wanted.cpuQuotaCores, most.cpuQuotaCores);
  const memory = minimum(wanted.memoryLimitBytes, most.memoryLimitBytes);
  return {
    ...(wanted.cpuQuotaCores === undefined ? {} : { cpuQuotaCores: cpu! }),
    ...(wanted.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: memory! }),
  };
}

function minimum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** Groups of agents that no longer run. One that still holds a process can't be removed and is left to a later agent. */
function removeStale(hierarchy: Hierarchy, isAlive: (pid: number) => boolean): void {
  for (const name of hierarchy.children('')) {
    const pid = /^splitmesh-.+-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeTree(hierarchy, name);
  }
}

function removeTree(hierarchy: Hierarchy, path: string): void {
  attempt(() => {
    for (const child of hierarchy.children(path)) attempt(() => hierarchy.remove(`${path}/${child}`));
  });
  attempt(() => hierarchy.remove(path));
}

/** True when it worked. The kernel's refusal to remove a group that is still in use is an answer, not an error. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
