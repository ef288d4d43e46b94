/**
 * A control group for programs of a test, v1 or v2: a slower or smaller machine than this one. Needs root.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from './privileges.ts';
import type { Scope } from './scope.ts';

const ROOT = '/sys/fs/cgroup';

/** 10 ms: with the default of 100 ms a task of 1 ms sometimes waits for 70 ms. */
const PERIOD_US = 10_000;

export interface GroupLimits {
  /** In cores: 0.4 is 40 % of one core. */
  readonly cpuQuota?: number;
  readonly memoryBytes?: number;
}

export interface Group {
  /** Put before a command, so that it and its children run in the group. */
  readonly prefix: readonly string[];
  /** CPU time used by the group so far, ms. */
  cpuMs(): number;
  /** Highest memory use so far, bytes, page cache included; undefined when this kernel does not record it. */
  peakBytes(): number | undefined;
}

interface Hierarchy {
  readonly folders: readonly string[];
  limit(limits: GroupLimits): void;
  cpuMs(): number;
  peakBytes(): number | undefined;
}

/** A group that is there for one test; its processes must have ended before. */
export function createGroup(t: Scope, limits: GroupLimits): Group {
  const name = `splitmesh-test-${randomUUID()}-${process.pid}`;
  const hierarchy = cgroupVersion() === 'v2' ? version2(name) : version1(name);
  for (const folder of hierarchy.folders) mkdirSync(folder);
  t.teardown(() => {
    for (const folder of hierarchy.folders) rmdirSync(folder);
  });
  hierarchy.limit(limits);
  const joining = hierarchy.folders.map((folder) => `echo $$ >${folder}/cgroup.procs`).join(' && ');
  return {
    prefix: ['/bin/sh', '-c', `${joining} && exec "$@"`, 'in-group'],
    cpuMs: () => hierarchy.cpuMs(),
    peakBytes: () => hierarchy.peakBytes(),
  };
}

export function cgroupVersion(): 'v1' | 'v2' | undefined {
  if (readOrEmpty(join(ROOT, 'cgroup.controllers')).includes('memory')) return 'v2';
  if (existsSync(join(ROOT, 'memory/cgroup.procs')) && existsSync(join(ROOT, 'cpu/cgroup.procs'))) return 'v1';
  return undefined;
}

/** A file of the memory group that a process is in. */
export function memoryFileOf(pid: number, names: FileNames): string {
  return fileOf(pid, 'memory', names);
}

/** A file of the cpu group that a process is in. */
export function cpuFileOf(pid: number, names: FileNames): string {
  return fileOf(pid, 'cpu', names);
}

interface FileNames {
  readonly v1: string;
  readonly v2: string;
}

function fileOf(pid: number, controller: 'memory' | 'cpu', names: FileNames): string {
  const v1 = cgroupVersion() === 'v1';
  const line = v1 ? new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm') : /^0::(.*)$/m;
  const [, path] = line.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))!;
  return `${ROOT}${v1 ? `/${controller}` : ''}${path}/${v1 ? names.v1 : names.v2}`;
}

/** Why groups can't be made here; undefined when they can. */
export function cgroupMissing(): string | undefined {
  if (!isRoot) return 'needs root';
  return cgroupVersion() === undefined ? 'needs cgroups with cpu and memory controllers' : undefined;
}

function version1(name: string): Hierarchy {
  const [cpu, memory] = [join(ROOT, 'cpu', name), join(ROOT, 'memory', name)];
  const account = join(ROOT, 'cpuacct', name);
  const separate = !existsSync(join(ROOT, 'cpu/cpuacct.usage'));
  return {
    folders: separate ? [cpu, account, memory] : [cpu, memory],
    limit({ cpuQuota, memoryBytes }) {
      if (cpuQuota !== undefined) {
        writeFileSync(join(cpu, 'cpu.cfs_period_us'), `${PERIOD_US}`);
        writeFileSync(join(cpu, 'cpu.cfs_quota_us'), `${Math.round(cpuQuota * PERIOD_US)}`);
      }
      if (memoryBytes !== undefined) writeFileSync(join(memory, 'memory.limit_in_bytes'), `${memoryBytes}`);
    },
    cpuMs: () => Number(readFileSync(join(separate ? account : cpu, 'cpuacct.usage'), 'utf8')) / 1e6,
    peakBytes: () => Number(readFileSync(join(memory, 'memory.max_usage_in_bytes'), 'utf8')),
  };
}

function version2(name: string): Hierarchy {
  const folder = join(ROOT, name);
  return {
    folders: [folder],
    limit({ cpuQuota, memoryBytes }) {
      if (cpuQuota !== undefined) writeFileSync(join(folder, 'cpu.max'), `${Math.round(cpuQuota * PERIOD_US)} ${PERIOD_US}`);
      if (memoryBytes === undefined) return;
      writeFileSync(join(folder, 'memory.max'), `${memoryBytes}`);
      if (existsSync(join(folder, 'memory.swap.max'))) writeFileSync(join(folder, 'memory.swap.max'), '0');
    },
    cpuMs: () => Number(/^usage_usec (\d+)/m.exec(readFileSync(join(folder, 'cpu.stat'), 'utf8'))?.[1]) / 1000,
    peakBytes: () => (existsSync(join(folder, 'memory.peak')) ? Number(readFileSync(join(folder, 'memory.peak'), 'utf8')) : undefined),
  };
}

function readOrEmpty(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
