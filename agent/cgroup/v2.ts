/**
 * cgroup v2: one hierarchy; a group may hold processes or have limits for the groups below it, never both (except the root). So the
 * agent moves itself into a leaf first, and only then are controllers handed down.
 */
import { type CgroupFiles, counter, readIfThere } from './cgroup-files.ts';
import { cpuBandwidth } from './cpu-quota.ts';
import type { CgroupLimits, CgroupUsage, Hierarchy } from './hierarchy.ts';

/** What the kernel takes; a new group has 100, our usual weight. */
const WEIGHT_MAX = 10_000;

const CONTROLLERS = ['cpu', 'memory'];

export class HierarchyV2 implements Hierarchy {
  readonly version = 'v2';
  readonly #files: CgroupFiles;
  readonly #base: string;
  readonly #own: string;
  /** What this agent handed down, and may take back: what others rely on is left alone. */
  readonly #given = new Map<string, readonly string[]>();

  /** `base`: the folder to make groups in; `own`: the one this process was started in (the same, or elsewhere when root uses the top). */
  constructor(files: CgroupFiles, base: string, own: string) {
    this.#files = files;
    this.#base = base;
    this.#own = own;
  }

  create(path: string): void {
    this.#files.makeFolder(this.#folder(path));
  }

  delegate(path: string): void {
    const control = `${this.#folder(path)}/cgroup.subtree_control`;
    const present = this.#files.read(control).trim().split(/\s+/);
    const missing = CONTROLLERS.filter((controller) => !present.includes(controller));
    if (missing.length === 0) return;
    this.#files.write(control, missing.map((name) => `+${name}`).join(' '));
    this.#given.set(path, missing);
  }

  undelegate(path: string): void {
    const given = this.#given.get(path);
    if (given === undefined) return;
    this.#files.write(`${this.#folder(path)}/cgroup.subtree_control`, given.map((name) => `-${name}`).join(' '));
    this.#given.delete(path);
  }

  limit(path: string, limits: CgroupLimits, weighed = false): void {
    const group = this.#folder(path);
    if (limits.cpuQuotaCores !== undefined) {
      const { quotaUs, periodUs } = cpuBandwidth(limits.cpuQuotaCores, weighed);
      this.#files.write(`${group}/cpu.max`, `${quotaUs} ${periodUs}`);
    }
    if (limits.memoryLimitBytes !== undefined) {
      this.#files.write(`${group}/memory.max`, `${limits.memoryLimitBytes}`);
      // Swap would let the group exceed its limit, slowly. Absent when the kernel does not account for swap.
      if (readIfThere(this.#files, `${group}/memory.swap.max`) !== undefined) this.#files.write(`${group}/memory.swap.max`, '0');
    }
  }

  weigh(path: string, weight: number): void {
    this.#files.write(`${this.#folder(path)}/cpu.weight`, `${Math.min(WEIGHT_MAX, Math.max(1, Math.round(weight)))}`);
  }

  enter(path: string, pid: number): void {
    this.#files.write(`${this.#folder(path)}/cgroup.procs`, `${pid}`);
  }

  leave(pid: number): void {
    this.#files.write(`${this.#own}/cgroup.procs`, `${pid}`);
  }

  procsFiles(path: string): string[] {
    return [`${this.#folder(path)}/cgroup.procs`];
  }

  usage(path: string): CgroupUsage {
    const group = this.#folder(path);
    const cpuUs = counter(readIfThere(this.#files, `${group}/cpu.stat`), 'usage_usec');
    // Since Linux 5.19.
    const peak = readIfThere(this.#files, `${group}/memory.peak`);
    return {
      ...(cpuUs === undefined ? {} : { cpuMs: cpuUs / 1000 }),
      ...(peak === undefined ? {} : { peakMemoryBytes: Number(peak) }),
      oomKills: counter(readIfThere(this.#files, `${group}/memory.events`), 'oom_kill') ?? 0,
    };
  }

  remove(path: string): void {
    this.#files.removeFolder(this.#folder(path));
  }

  children(path: string): string[] {
    return this.#files.folders(this.#folder(path));
  }

  #folder(path: string): string {
    return path === '' ? this.#base : `${this.#base}/${path}`;
  }
}
