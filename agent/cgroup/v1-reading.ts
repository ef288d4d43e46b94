/**
 * What a group of cgroup v1 has used, from its folders in each hierarchy.
 */
import { optional } from '../../mesh/wire-number.ts';
import { TICK_MS } from '../proc-stat.ts';
import type { GroupReading } from './bench-group.ts';
import { type CgroupFiles, counter, number, readIfThere, scaled } from './cgroup-files.ts';
import type { CgroupUsage } from './hierarchy.ts';
import { readStalls } from './pressure.ts';

/** Of one group. `io` is blkio's, `pressure` the one in the v2 hierarchy that some machines have beside v1. */
export interface FoldersV1 {
  readonly cpu: string;
  readonly cpuacct: string;
  readonly memory: string;
  readonly io?: string | undefined;
  readonly pressure?: string | undefined;
}

export function usageV1(files: CgroupFiles, { cpuacct, memory }: FoldersV1): CgroupUsage {
  return {
    ...optional('cpuMs', scaled(number(readIfThere(files, `${cpuacct}/cpuacct.usage`)), 1e-6)),
    ...optional('peakMemoryBytes', number(readIfThere(files, `${memory}/memory.max_usage_in_bytes`))),
    oomKills: counter(readIfThere(files, `${memory}/memory.oom_control`), 'oom_kill') ?? 0,
  };
}

export function readingV1(files: CgroupFiles, folders: FoldersV1): GroupReading {
  const { io, pressure } = folders;
  const times = readIfThere(files, `${folders.cpuacct}/cpuacct.stat`);
  const cpu = readIfThere(files, `${folders.cpu}/cpu.stat`);
  const memory = readIfThere(files, `${folders.memory}/memory.stat`);
  return {
    ...usageV1(files, folders),
    ...optional('cpuUserMs', scaled(counter(times, 'user'), TICK_MS)),
    ...optional('cpuSystemMs', scaled(counter(times, 'system'), TICK_MS)),
    ...optional('quotaPeriods', counter(cpu, 'nr_periods')),
    ...optional('throttledPeriods', counter(cpu, 'nr_throttled')),
    ...optional('throttledMs', scaled(counter(cpu, 'throttled_time'), 1e-6)),
    ...optional('unreclaimableBytes', unreclaimable(memory, number(readIfThere(files, `${folders.memory}/memory.kmem.usage_in_bytes`)))),
    ...optional('totalBytes', number(readIfThere(files, `${folders.memory}/memory.usage_in_bytes`))),
    ...optional('swapBytes', counter(memory, 'total_swap')),
    ...optional('majorFaults', counter(memory, 'total_pgmajfault')),
    ...(pressure === undefined ? {} : readStalls(files, pressure)),
    ...(io === undefined ? {} : optional('readBytes', readBytes(files, io))),
  };
}

/** Shared memory counts as page cache for the kernel, but is given back to swap only. */
function unreclaimable(memory: string | undefined, kernelBytes = 0): number | undefined {
  const anonymous = counter(memory, 'total_rss');
  return anonymous === undefined ? undefined : anonymous + (counter(memory, 'total_shmem') ?? 0) + kernelBytes;
}

/**
 * Lines such as `254:0 Read 4096`. Without any, blkio does not count here (it does not where nobody limits IO, on newer kernels), which is not the same
 * as 0. What was written is not asked for at all: v1 charges it to the kernel's own thread that does it later, and would say 0.
 */
function readBytes(files: CgroupFiles, folder: string): number | undefined {
  const text =
    readIfThere(files, `${folder}/blkio.throttle.io_service_bytes_recursive`) ??
    readIfThere(files, `${folder}/blkio.throttle.io_service_bytes`);
  const disks = [...(text ?? '').matchAll(/^\d+:\d+ Read (\d+)$/gm)];
  return disks.length === 0 ? undefined : disks.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
