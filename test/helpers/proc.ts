/**
 * What the kernel says about processes, read from /proc. A process can end while it is being read; then it is left out.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** `R` running, `S` sleeping, `T` stopped, `Z` ended but not yet waited for. */
  readonly state: string;
  readonly command: string;
}

export function listProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((info) => info !== undefined);
}

/** Undefined when there is no such process. */
export function readProcess(pid: number): ProcessInfo | undefined {
  const stat = readProcFile(pid, 'stat');
  const command = readProcFile(pid, 'cmdline');
  if (stat === undefined || command === undefined) return undefined;
  // "pid (name) state parent …": the name may contain spaces and brackets.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, state: state!, parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
}

/** A zombie counts as ended. */
export function isAlive(pid: number): boolean {
  const info = readProcess(pid);
  return info !== undefined && info.state !== 'Z';
}

/** Children, their children and so on, parents first. */
export function descendants(pid: number): ProcessInfo[] {
  const all = listProcesses();
  const found: ProcessInfo[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter((info) => parents.includes(info.parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** Processes that were started with this environment variable, whoever their parent is by now. */
export function processesWith(variable: string, value: string): ProcessInfo[] {
  return listProcesses().filter(({ pid, state }) => state !== 'Z' && carries(pid, variable, value));
}

/** Whether a process was started with this environment variable; false when there is no such process. */
export function carries(pid: number, variable: string, value: string): boolean {
  return readProcFile(pid, 'environ')?.split('\0').includes(`${variable}=${value}`) === true;
}

/** Resident memory now and at its highest, bytes. Undefined when there is no such process. */
export function residentMemory(pid: number): { readonly now: number; readonly peak: number } | undefined {
  const status = readProcFile(pid, 'status');
  const kibibytes = (field: string) => Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status ?? '')?.[1]);
  const now = kibibytes('VmRSS');
  return Number.isNaN(now) ? undefined : { now: now * 1024, peak: kibibytes('VmHWM') * 1024 };
}

function readProcFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Ended, ending, or somebody else's.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}
