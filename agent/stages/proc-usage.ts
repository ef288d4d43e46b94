/**
 * What a living process has used, from /proc: for devices without cgroups. The peak is the kernel's own (VmHWM), not a sample.
 */
import { readFileSync } from 'node:fs';
import type { CgroupUsage } from '../cgroup/hierarchy.ts';

/** /proc counts CPU time in ticks of 10 ms on every Linux there is. */
const TICK_MS = 10;

export function processUsage(pid: number): CgroupUsage {
  try {
    const peakKiB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which stands in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      ...(peakKiB === undefined ? {} : { peakMemoryBytes: Number(peakKiB) * 1024 }),
      oomKills: 0,
    };
  } catch {
    // The process is gone, or this is not Linux.
    return { oomKills: 0 };
  }
}
