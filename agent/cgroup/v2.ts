/**
 * cgroup v2: one hierarchy; a group may hold processes or have limits for the groups below it, never both (except the root). So the
 * agent moves itself into a leaf first, and only then are controllers handed down.
 */
import type { BenchLimits } from '../../mesh/bench/order.ts';
import { MeshError } from '../../mesh/error.ts';
import { attempt } from './attempt.ts';
import type { GroupReading } from './bench-group.ts';
import { type CgroupFiles, pidsOf, readIfThere } from './cgroup-files.ts';
import { parseCpuList } from './cpu-list.ts';
import { cpuBandwidth } from './cpu-quota.ts';
import type { CgroupUsage, Extra, Hierarchy } from './hierarchy.ts';
import { readingV2, usageV2 } from './v2-reading.ts';

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
    this.#handDown(path, CONTROLLERS);
  }

  undelegate(path: string): void {
    const given = this.#given.get(path);
    if (given === undefined) return;
    this.#files.write(`${this.#folder(path)}/cgroup.subtree_control`, given.map((name) => `-${name}`).join(' '));
    this.#given.delete(path);
  }

  #handDown(path: string, controllers: readonly string[]): void {
    const control = `${this.#folder(path)}/cgroup.subtree_control`;
    const present = words(this.#files.read(control));
    const missing = controllers.filter((controller) => !present.includes(controller));
    if (missing.length === 0) return;
    this.#files.write(control, missing.map((name) => `+${name}`).join(' '));
    this.#given.set(path, [...(this.#given.get(path) ?? []), ...missing]);
  }

  include(path: string, extra: Extra): void {
    // Every group of v2 has them.
    if (extra === 'pressure' || extra === 'freezer') return;
    if (!words(this.#files.read(`${this.#base}/cgroup.controllers`)).includes(extra)) {
      throw new MeshError('denied', `the ${extra} controller is not handed down to the group of this agent`);
    }
    const names = path.split('/');
    for (const depth of names.keys()) this.#handDown(names.slice(0, depth).join('/'), [extra]);
  }

  limit(path: string, limits: BenchLimits, weighed = false): void {
    const group = this.#folder(path);
    if (limits.cpuQuotaCores !== undefined) {
      const { quotaUs, periodUs } = cpuBandwidth(limits.cpuQuotaCores, weighed);
      this.#files.write(`${group}/cpu.max`, `${quotaUs} ${periodUs}`);
    }
    if (limits.memoryLimitBytes !== undefined) {
      this.#files.write(`${group}/memory.max`, `${limits.memoryLimitBytes}`);
      // Swap would let the group exceed its limit, slowly.
      if (this.countsSwap(path)) this.#files.write(`${group}/memory.swap.max`, `${limits.swapBytes ?? 0}`);
    }
    if (limits.memoryHighBytes !== undefined) this.#files.write(`${group}/memory.high`, `${limits.memoryHighBytes}`);
    if (limits.cpus !== undefined) this.#pin(group, limits.cpus);
    if (limits.pids !== undefined) this.#files.write(`${group}/pids.max`, `${limits.pids}`);
  }

  /** The kernel takes CPUs that the groups above don't have, and silently lets the group run on others. */
  #pin(group: string, cpus: string): void {
    this.#files.write(`${group}/cpuset.cpus`, cpus);
    const effective = this.#files.read(`${group}/cpuset.cpus.effective`).trim();
    const had = parseCpuList(effective) ?? [];
    if (parseCpuList(cpus)?.every((cpu) => had.includes(cpu)) !== true) {
      throw new MeshError('denied', `CPUs ${cpus} were asked for, and this agent may use ${effective}`);
    }
  }

  unlimitCpu(path: string): void {
    this.#files.write(`${this.#folder(path)}/cpu.max`, 'max');
  }

  countsSwap(path: string): boolean {
    return readIfThere(this.#files, `${this.#folder(path)}/memory.swap.max`) !== undefined;
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

  processes(path: string): number[] {
    return pidsOf(this.#files.read(`${this.#folder(path)}/cgroup.procs`));
  }

  usage(path: string): CgroupUsage {
    return usageV2(this.#files, this.#folder(path));
  }

  reading(path: string): GroupReading {
    return readingV2(this.#files, this.#folder(path));
  }

  killAll(path: string): void {
    this.#files.write(`${this.#folder(path)}/cgroup.kill`, '1');
  }

  freeze(path: string, frozen: boolean): void {
    // Since Linux 5.2.
    attempt(() => this.#files.write(`${this.#folder(path)}/cgroup.freeze`, frozen ? '1' : '0'));
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

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
