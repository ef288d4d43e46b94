/**
 * A cgroup file system made of real files in a temporary folder: new groups get their control files, and the rules the kernel enforces in
 * v2 hold (no limits without delegation, no processes beside delegated controllers, no removal while in use). Limits have no effect; four CPUs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CgroupFiles, realCgroupFiles } from '../../../agent/cgroup/cgroup-files.ts';

const v2Files: Record<string, readonly string[]> = {
  cpu: ['cpu.max', 'cpu.weight'],
  memory: ['memory.max', 'memory.high', 'memory.swap.max'],
  cpuset: ['cpuset.cpus'],
  pids: ['pids.max'],
  io: [],
};
const v1Files: Record<string, readonly string[]> = {
  cpu: ['cpu.cfs_period_us', 'cpu.cfs_quota_us', 'cpu.shares'],
  cpuacct: ['cpuacct.usage'],
  memory: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.max_usage_in_bytes', 'memory.oom_control'],
  cpuset: ['cpuset.cpus', 'cpuset.mems'],
  pids: ['pids.max'],
  freezer: ['freezer.state'],
  blkio: [],
};

interface GroupOptions {
  readonly controllers?: string;
  readonly handedDown?: string;
  readonly processes?: string;
}

const CPUS = '0-3';

export class FakeKernel implements CgroupFiles {
  readonly root: string;
  readonly #real: CgroupFiles;

  constructor(root: string) {
    this.root = root;
    this.#real = realCgroupFiles(root);
  }

  /** Files outside the hierarchies, for example /proc/self/cgroup. */
  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** A group that was there before the agent. */
  group(path: string, options: GroupOptions = {}): void {
    mkdirSync(join(this.root, path), { recursive: true });
    this.put(`${path}/cgroup.procs`, options.processes ?? '');
    this.put(`${path}/cgroup.controllers`, options.controllers ?? 'cpu memory pids');
    this.put(`${path}/cgroup.subtree_control`, options.handedDown ?? '');
  }

  read(path: string): string {
    return this.#real.read(path);
  }

  write(path: string, value: string): void {
    if (path.endsWith('/cgroup.subtree_control')) this.#handDown(path, value);
    else if (path.endsWith('/cgroup.procs')) this.#move(path, value);
    else if (path.endsWith('/cgroup.kill') && existsSync(join(this.root, path))) this.put(`${dirname(path)}/cgroup.procs`, '');
    else if (existsSync(join(this.root, path))) this.put(path, value);
    else throw failure('ENOENT', `no such file: ${path}`);
  }

  makeFolder(path: string): void {
    this.#real.makeFolder(path);
    this.put(`${path}/cgroup.procs`, '');
    const v1 = Object.keys(v1Files).find((controller) => path.includes(`/${controller}/`));
    if (v1 !== undefined) {
      for (const file of v1Files[v1]!) this.put(`${path}/${file}`, '');
      return;
    }
    this.put(`${path}/cgroup.subtree_control`, '');
    this.put(`${path}/cgroup.freeze`, '0');
    this.#giveControllers(path, this.read(`${dirname(path)}/cgroup.subtree_control`));
  }

  removeFolder(path: string): void {
    if (!existsSync(join(this.root, path))) throw failure('ENOENT', `no such group: ${path}`);
    if (this.folders(path).length > 0 || this.read(`${path}/cgroup.procs`) !== '') throw failure('EBUSY', `in use: ${path}`);
    rmSync(join(this.root, path), { recursive: true });
  }

  folders(path: string): string[] {
    return this.#real.folders(path);
  }

  #handDown(path: string, value: string): void {
    const group = dirname(path);
    if (this.read(`${group}/cgroup.procs`) !== '' && group !== '/sys/fs/cgroup') throw failure('EBUSY', `has processes: ${group}`);
    const given = new Set(this.read(path).split(' ').filter(Boolean));
    for (const word of value.split(' ')) {
      if (word.startsWith('+')) given.add(this.#available(group, word.slice(1)));
      else if (this.folders(group).some((child) => this.read(`${group}/${child}/cgroup.subtree_control`) !== ''))
        throw failure('EBUSY', group);
      else given.delete(word.slice(1));
    }
    writeFileSync(join(this.root, path), [...given].join(' '));
    for (const child of this.folders(group)) this.#giveControllers(`${group}/${child}`, [...given].join(' '));
  }

  #available(group: string, controller: string): string {
    if (!this.read(`${group}/cgroup.controllers`).split(' ').includes(controller)) throw failure('ENOENT', `${controller} in ${group}`);
    return controller;
  }

  /** What a group has already is left as it is. */
  #giveControllers(group: string, controllers: string): void {
    this.put(`${group}/cgroup.controllers`, controllers);
    const files = controllers.split(' ').flatMap((controller) => v2Files[controller] ?? []);
    for (const file of files) if (!existsSync(join(this.root, group, file))) this.put(`${group}/${file}`, 'max');
    if (files.includes('cpuset.cpus')) this.put(`${group}/cpuset.cpus.effective`, CPUS);
  }

  /** A process is in one group of a hierarchy; here there is one process. */
  #move(path: string, pid: string): void {
    const group = dirname(path);
    if (existsSync(join(this.root, group, 'cgroup.subtree_control')) && group !== '/sys/fs/cgroup') {
      if (this.read(`${group}/cgroup.subtree_control`) !== '') throw failure('EBUSY', `controllers are handed down: ${group}`);
    }
    const hierarchy = group
      .split('/')
      .slice(0, Object.keys(v1Files).some((controller) => group.startsWith(`/sys/fs/cgroup/${controller}`)) ? 5 : 4)
      .join('/');
    for (const file of procsFiles(join(this.root, hierarchy))) {
      if (readFileSync(file, 'utf8') === pid) writeFileSync(file, '');
    }
    this.put(path, pid);
  }
}

function procsFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('cgroup.procs'))
    .map((name) => join(folder, name));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
