/**
 * cgroup v1: one hierarchy per controller, so every group exists once in each of cpu, cpuacct and memory, and in others as far as it needs them.
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import { attempt } from './attempt.ts';
import type { GroupReading } from './bench-group.ts';
import { type CgroupFiles, foldersIfThere, makeFolderOnce, pidsOf, readIfThere } from './cgroup-files.ts';
import { cpuBandwidth } from './cpu-quota.ts';
import { type CgroupUsage, type Extra, type Hierarchy, USUAL_WEIGHT } from './hierarchy.ts';
import { type FoldersV1, readingV1, usageV1 } from './v1-reading.ts';

/** cpu.shares of a new group, and what the kernel takes. */
const SHARES_USUAL = 1024;
const SHARES_MIN = 2;
const SHARES_MAX = 2 ** 18;

/** This process's own folder in each hierarchy. `pressure`: the v2 hierarchy without controllers that many machines have beside v1. */
export interface BasesV1 extends Readonly<Partial<Record<Extra, string>>> {
  readonly cpu: string;
  readonly cpuacct: string;
  readonly memory: string;
}

export class HierarchyV1 implements Hierarchy {
  readonly version = 'v1';
  readonly #files: CgroupFiles;
  readonly #own: BasesV1;

  constructor(files: CgroupFiles, own: BasesV1) {
    this.#files = files;
    this.#own = own;
  }

  create(path: string): void {
    for (const base of this.#needed()) this.#files.makeFolder(`${base}/${path}`);
    // Without it the limit of a group would not hold for the groups below. It can only be set while there are none; systemd sets it
    // for everybody, and then the file may refuse to be written.
    const hierarchical = `${this.#own.memory}/${path}/memory.use_hierarchy`;
    if (readIfThere(this.#files, hierarchical)?.trim() === '0') this.#files.write(hierarchical, '1');
  }

  delegate(): void {}

  undelegate(): void {}

  include(path: string, extra: Extra): void {
    const base = this.#own[extra];
    if (base === undefined) throw new MeshError('denied', `the ${extra} controller is not mounted`);
    // The groups above are there only since a group below needs them.
    let folder = base;
    for (const name of path.split('/')) {
      const above = folder;
      folder = `${above}/${name}`;
      makeFolderOnce(this.#files, folder);
      if (extra === 'cpuset') this.#inheritCpus(folder, above);
    }
  }

  /** A new group has no CPUs and no memory nodes, and then no process may enter it. */
  #inheritCpus(folder: string, above: string): void {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (this.#files.read(`${folder}/${file}`).trim() === '') {
        this.#files.write(`${folder}/${file}`, this.#files.read(`${above}/${file}`).trim());
      }
    }
  }

  limit(path: string, limits: BenchLimits, weighed = false): void {
    if (limits.cpuQuotaCores !== undefined) {
      const { quotaUs, periodUs } = cpuBandwidth(limits.cpuQuotaCores, weighed);
      // Quota and period are two files: between them the ratio must be one that the groups above and below allow.
      this.unlimitCpu(path);
      this.#files.write(`${this.#own.cpu}/${path}/cpu.cfs_period_us`, `${periodUs}`);
      this.#files.write(`${this.#own.cpu}/${path}/cpu.cfs_quota_us`, `${quotaUs}`);
    }
    if (limits.memoryLimitBytes !== undefined) {
      this.#files.write(`${this.#own.memory}/${path}/memory.limit_in_bytes`, `${limits.memoryLimitBytes}`);
      // Swap would let the group exceed its limit, slowly.
      if (this.countsSwap(path)) this.#files.write(this.#memoryAndSwap(path), `${limits.memoryLimitBytes + (limits.swapBytes ?? 0)}`);
    }
    if (limits.cpus !== undefined) this.#files.write(`${this.#own.cpuset}/${path}/cpuset.cpus`, limits.cpus);
    if (limits.pids !== undefined) this.#files.write(`${this.#own.pids}/${path}/pids.max`, `${limits.pids}`);
  }

  unlimitCpu(path: string): void {
    this.#files.write(`${this.#own.cpu}/${path}/cpu.cfs_quota_us`, '-1');
  }

  countsSwap(path: string): boolean {
    return readIfThere(this.#files, this.#memoryAndSwap(path)) !== undefined;
  }

  #memoryAndSwap(path: string): string {
    return `${this.#own.memory}/${path}/memory.memsw.limit_in_bytes`;
  }

  weigh(path: string, weight: number): void {
    const shares = Math.round((SHARES_USUAL * weight) / USUAL_WEIGHT);
    this.#files.write(`${this.#own.cpu}/${path}/cpu.shares`, `${Math.min(SHARES_MAX, Math.max(SHARES_MIN, shares))}`);
  }

  enter(path: string, pid: number): void {
    for (const base of this.#needed()) this.#files.write(`${base}/${path}/cgroup.procs`, `${pid}`);
  }

  leave(pid: number): void {
    for (const base of this.#needed()) this.#files.write(`${base}/cgroup.procs`, `${pid}`);
  }

  procsFiles(path: string): string[] {
    const needed = this.#needed();
    return this.#all()
      .map((base) => ({ base, file: `${base}/${path}/cgroup.procs` }))
      .filter(({ base, file }) => needed.includes(base) || readIfThere(this.#files, file) !== undefined)
      .map(({ file }) => file);
  }

  processes(path: string): number[] {
    return pidsOf(this.#files.read(`${this.#own.memory}/${path}/cgroup.procs`));
  }

  usage(path: string): CgroupUsage {
    return usageV1(this.#files, this.#folders(path));
  }

  reading(path: string): GroupReading {
    return readingV1(this.#files, this.#folders(path));
  }

  #folders(path: string): FoldersV1 {
    const { cpu, cpuacct, memory, io, pressure } = this.#own;
    const of = (base: string | undefined): string | undefined => (base === undefined ? undefined : `${base}/${path}`);
    return { cpu: `${cpu}/${path}`, cpuacct: `${cpuacct}/${path}`, memory: `${memory}/${path}`, io: of(io), pressure: of(pressure) };
  }

  killAll(path: string): void {
    this.#files.write(`${this.#own.pressure}/${path}/cgroup.kill`, '1');
  }

  freeze(path: string, frozen: boolean): void {
    const { freezer } = this.#own;
    if (freezer !== undefined) attempt(() => this.#files.write(`${freezer}/${path}/freezer.state`, frozen ? 'FROZEN' : 'THAWED'));
  }

  /** Every hierarchy is tried, so that a group that was only half made or half removed goes, too. */
  remove(path: string): void {
    let refusal: unknown;
    for (const base of this.#all()) {
      try {
        this.#files.removeFolder(`${base}/${path}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refusal ??= error;
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  children(path: string): string[] {
    const folders = this.#all().map((base) => (path === '' ? base : `${base}/${path}`));
    return [...new Set(folders.flatMap((folder) => foldersIfThere(this.#files, folder)))];
  }

  #needed(): string[] {
    return [...new Set([this.#own.cpu, this.#own.cpuacct, this.#own.memory])];
  }

  #all(): string[] {
    const { cpuset, pids, io, pressure, freezer } = this.#own;
    const extras = [cpuset, pids, io, pressure, freezer].filter((base) => base !== undefined);
    return [...new Set([...this.#needed(), ...extras])];
  }
}
