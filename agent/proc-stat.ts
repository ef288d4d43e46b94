/**
 * What the kernel says of a process in one line, /proc/PID/stat (proc(5)).
 */
import { readFileSync } from 'node:fs';

/** /proc counts CPU time in ticks of 10 ms on every Linux there is. */
export const TICK_MS = 10;

export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** `Z`: it has ended, and its parent has not asked how. */
  readonly state: string;
  /** In ticks since the device was started. With the pid it names a process for good. */
  readonly started: number;
  readonly cpuMs: number;
  readonly majorFaults: number;
  /** Of its children that have ended and that it has waited for, with theirs. */
  readonly waitedCpuMs: number;
  readonly waitedMajorFaults: number;
}

/** `root` is `/`, or a folder that stands for it in a test. Undefined when there is no such process. */
export function readProcStat(root: string, pid: number): ProcStat | undefined {
  const text = readProcFile(root, pid, 'stat');
  return text === undefined ? undefined : parseProcStat(pid, text);
}

export function parseProcStat(pid: number, text: string): ProcStat {
  // Fields are counted after the name, which stands in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(fields[index]);
  return {
    pid,
    parent: at(1),
    state: fields[0]!,
    started: at(19),
    cpuMs: (at(11) + at(12)) * TICK_MS,
    majorFaults: at(9),
    waitedCpuMs: (at(13) + at(14)) * TICK_MS,
    waitedMajorFaults: at(10),
  };
}

/** Undefined when the process has ended, is somebody else's, or this is not Linux. */
export function readProcFile(root: string, pid: number, file: string): string | undefined {
  try {
    return readFileSync(`${root}/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** A line of /proc/PID/status such as `VmHWM:    1234 kB`. A process that has ended has no memory. */
export function statusBytes(status: string, name: string): number | undefined {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
