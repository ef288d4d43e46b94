/** CPU time of running threads, as the scheduler counts it. Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of one process at one time, milliseconds. */
export interface CpuTimes {
  readonly atMs: number;
  /** The thread it was started with. */
  readonly mainMs: number;
  /** The busiest of the others: of a stage, the one that owns the session. */
  readonly busiestMs: number;
  readonly allMs: number;
}

/** Undefined when it has ended. */
export function cpuTimes(pid: number): CpuTimes | undefined {
  try {
    const times = readdirSync(`/proc/${pid}/task`).map((thread) => [Number(thread), threadMs(pid, thread)] as const);
    const mainMs = times.find(([thread]) => thread === pid)![1];
    const others = times.filter(([thread]) => thread !== pid).map(([, ms]) => ms);
    return {
      atMs: performance.now(),
      mainMs,
      busiestMs: Math.max(0, ...others),
      allMs: others.reduce((sum, ms) => sum + ms, mainMs),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function threadMs(pid: number, thread: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
