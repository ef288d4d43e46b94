/**
 * What a living process has used, from /proc: for devices without cgroups. The peak is the kernel's own (VmHWM), not a sample.
 */
import { optional } from '../../mesh/wire-number.ts';
import type { CgroupUsage } from '../cgroup/hierarchy.ts';
import { readProcFile, readProcStat, statusBytes } from '../proc-stat.ts';

export function processUsage(pid: number): CgroupUsage {
  const stat = readProcStat('/', pid);
  const peakMemoryBytes = statusBytes(readProcFile('/', pid, 'status') ?? '', 'VmHWM');
  // The process may be gone, or this is not Linux.
  return { ...optional('cpuMs', stat?.cpuMs), ...optional('peakMemoryBytes', peakMemoryBytes), oomKills: 0 };
}
