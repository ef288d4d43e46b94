/**
 * cgroup v1: one hierarchy per controller, so every group exists once in each of cpu, cpuacct and memory.
 */
import { type CgroupFiles, counter, foldersIfThere, readIfThere } from './cgroup-files.ts';
import { cpuBandwidth } from './cpu-quota.ts';
import { type CgroupLimits, type CgroupUsage, type Hierarchy, USUAL_WEIGHT } from './hierarchy.ts';

/** cpu.shares of a new group, and what the kernel takes. */
const SHARES_USUAL = 1024;
const SHARES_MIN = 2;
const SHARES_MAX = 2 ** 18;

export class HierarchyV1 implements Hierarchy {
  readonly version = 'v1';
  readonly #files: CgroupFiles;
  readonly #cpu: string;
  readonly #cpuacct: string;
  readonly #memory: string;

  /** `bases`: this process's own folder for each controller. */
  constructor(files: CgroupFiles, bases: { readonly cpu: string; readonly cpuacct: string; readonly memory: string }) {
    this.#files = files;
    this.#cpu = bases.cpu;
    this.#cpuacct = bases.cpuacct;
    this.#memory = bases.memory;
  }

  create(path: string): void {
    for (const base of this.#bases()) this.#files.makeFolder(`${base}/${path}`);
    // Without it the limit of a group would not hold for the groups below. It can only be set while there are none; systemd sets it
    // for everybody, and then the file may refuse to be written.
    const hierarchical = `${this.#memory}/${path}/memory.use_hierarchy`;
    if (readIfThere(this.#files, hierarchical)?.trim() === '0') this.#files.write(hierarchical, '1');
  }

  delegate(): void {}

  undelegate(): void {}

  limit(path: string, limits: CgroupLimits, weighed = false): void {
    if (limits.cpuQuotaCores !== undefined) {
      const { quotaUs, periodUs } = cpuBandwidth(limits.cpuQuotaCores, weighed);
      // Quota and period are two files: between them the ratio must be one that the groups above and below allow.
      this.#files.write(`${this.#cpu}/${path}/cpu.cfs_quota_us`, '-1');
      this.#files.write(`${this.#cpu}/${path}/cpu.cfs_period_us`, `${periodUs}`);
      this.#files.write(`${this.#cpu}/${path}/cpu.cfs_quota_us`, `${quotaUs}`);
    }
    if (limits.memoryLimitBytes !== undefined) {
      const group = `${this.#memory}/${path}`;
      this.#files.write(`${group}/memory.limit_in_bytes`, `${limits.memoryLimitBytes}`);
      // Swap would let the group exceed its limit, slowly. Absent when the kernel does not account for swap.
      if (readIfThere(this.#files, `${group}/memory.memsw.limit_in_bytes`) !== undefined) {
        this.#files.write(`${group}/memory.memsw.limit_in_bytes`, `${limits.memoryLimitBytes}`);
      }
    }
  }

  weigh(path: string, weight: number): void {
    const shares = Math.round((SHARES_USUAL * weight) / USUAL_WEIGHT);
    this.#files.write(`${this.#cpu}/${path}/cpu.shares`, `${Math.min(SHARES_MAX, Math.max(SHARES_MIN, shares))}`);
  }

  enter(path: string, pid: number): void {
    for (const base of this.#bases()) this.#files.write(`${base}/${path}/cgroup.procs`, `${pid}`);
  }

  leave(pid: number): void {
    for (const base of this.#bases()) this.#files.write(`${base}/cgroup.procs`, `${pid}`);
  }

  procsFiles(path: string): string[] {
    return this.#bases().map((base) => `${base}/${path}/cgroup.procs`);
  }

  usage(path: string): CgroupUsage {
    const cpuNs = readIfThere(this.#files, `${this.#cpuacct}/${path}/cpuacct.usage`);
    const peak = readIfThere(this.#files, `${this.#memory}/${path}/memory.max_usage_in_bytes`);
    const oomKills = counter(readIfThere(this.#files, `${this.#memory}/${path}/memory.oom_control`), 'oom_kill');
    return {
      ...(cpuNs === undefined ? {} : { cpuMs: Number(cpuNs) / 1e6 }),
      ...(peak === undefined ? {} : { peakMemoryBytes: Number(peak) }),
      oomKills: oomKills ?? 0,
    };
  }

  /** Every hierarchy is tried, so that a group that was only half made or half removed goes, too. */
  remove(path: string): void {
    let refusal: unknown;
    for (const base of this.#bases()) {
      try {
        this.#files.removeFolder(`${base}/${path}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refusal ??= error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  children(path: string): string[] {
    const folders = this.#bases().map((base) => (path === '' ? base : `${base}/${path}`));
    return [...new Set(folders.flatMap((folder) => foldersIfThere(this.#files, folder)))];
  }

  #bases(): string[] {
    return [...new Set([this.#cpu, this.#cpuacct, this.#memory])];
  }
}
