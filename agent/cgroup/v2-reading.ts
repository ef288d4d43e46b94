/**
 * What a group of cgroup v2 has used, from the files in its folder.
 */
import { optional } from '../../mesh/wire-number.ts';
import type { GroupReading } from './bench-group.ts';
import { type CgroupFiles, counter, number, readIfThere, scaled } from './cgroup-files.ts';
import type { CgroupUsage } from './hierarchy.ts';
import { readStalls } from './pressure.ts';

export function usageV2(files: CgroupFiles, folder: string): CgroupUsage {
  return {
    ...optional('cpuMs', scaled(counter(readIfThere(files, `${folder}/cpu.stat`), 'usage_usec'), 1e-3)),
    // Since Linux 5.19.
    ...optional('peakMemoryBytes', number(readIfThere(files, `${folder}/memory.peak`))),
    oomKills: counter(readIfThere(files, `${folder}/memory.events`), 'oom_kill') ?? 0,
  };
}

export function readingV2(files: CgroupFiles, folder: string): GroupReading {
  const cpu = readIfThere(files, `${folder}/cpu.stat`);
  const memory = readIfThere(files, `${folder}/memory.stat`);
  return {
    ...usageV2(files, folder),
    ...optional('cpuUserMs', scaled(counter(cpu, 'user_usec'), 1e-3)),
    ...optional('cpuSystemMs', scaled(counter(cpu, 'system_usec'), 1e-3)),
    ...optional('quotaPeriods', counter(cpu, 'nr_periods')),
    ...optional('throttledPeriods', counter(cpu, 'nr_throttled')),
    ...optional('throttledMs', scaled(counter(cpu, 'throttled_usec'), 1e-3)),
    ...optional('unreclaimableBytes', unreclaimable(memory)),
    ...optional('totalBytes', number(readIfThere(files, `${folder}/memory.current`))),
    ...optional('swapBytes', number(readIfThere(files, `${folder}/memory.swap.current`))),
    ...optional('majorFaults', counter(memory, 'pgmajfault')),
    ...readStalls(files, folder),
    ...readIo(readIfThere(files, `${folder}/io.stat`)),
  };
}

/** Shared memory counts as page cache for the kernel, but is given back to swap only; caches of file names count as kernel memory, and are given back. */
function unreclaimable(memory: string | undefined): number | undefined {
  const anonymous = counter(memory, 'anon');
  if (anonymous === undefined) return undefined;
  const of = (key: string): number => counter(memory, key) ?? 0;
  // One number since Linux 5.18; before, its parts.
  const kernel = counter(memory, 'kernel') ?? of('kernel_stack') + of('pagetables') + of('percpu') + of('slab');
  return anonymous + of('shmem') + Math.max(0, kernel - of('slab_reclaimable'));
}

/** A line for each disk: `254:0 rbytes=4096 wbytes=0 rios=1 …`; none for one that was not used. */
function readIo(text: string | undefined): Pick<GroupReading, 'readBytes' | 'writtenBytes'> {
  if (text === undefined) return {};
  const sum = (key: string): number => [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((all, [, n]) => all + Number(n), 0);
  return { readBytes: sum('rbytes'), writtenBytes: sum('wbytes') };
}
