/**
 * How busy this machine was with what is not ours: all CPU time, less that of this process, of those it looks after, and of their children that
 * have ended. Linux.
 */
import { readFileSync } from 'node:fs';

/** The kernel's unit of these files, whatever its own tick is (USER_HZ). */
const TICK_MS = 10;

export interface CpuMark {
  readonly atMs: number;
  readonly allMs: number;
  readonly oursMs: number;
}

/** `pids`: of ours, apart from this process. At a time at which none of them has children that run. */
export function markCpu(pids: readonly number[]): CpuMark {
  // user nice system idle iowait irq softirq steal: idle and iowait are no work.
  const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).slice(1, 8).map(Number);
  const all = fields.reduce((sum, ticks, index) => (index === 3 || index === 4 ? sum : sum + ticks), 0);
  return {
    atMs: performance.now(),
    allMs: all * TICK_MS,
    oursMs: [process.pid, ...pids].reduce((sum, pid) => sum + withChildrenMs(pid), 0),
  };
}

/** Cores that others used in between. */
export function foreignCores(from: CpuMark, to: CpuMark): number {
  return Math.max(0, (to.allMs - from.allMs - (to.oursMs - from.oursMs)) / (to.atMs - from.atMs));
}

/** utime, stime, cutime, cstime: see proc(5). */
function withChildrenMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}
