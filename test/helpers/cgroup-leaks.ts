/**
 * Control groups of ours that nobody uses any more. Groups are called `splitmesh-<what for>-<pid of the maker>`. Other tests may run at the
 * same time, so a group counts as abandoned only when it is new, its maker has ended, and no process is in it or below it.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './proc.ts';

const ROOT = '/sys/fs/cgroup';
const OURS = /\/splitmesh-[^/]+-(\d+)(?:\/|$)/;

/** Paths of all groups that carry our name, in every hierarchy, children before parents. */
export function listGroups(): string[] {
  return foldersBelow(ROOT).filter((path) => OURS.test(path));
}

export function abandonedGroups(before: ReadonlySet<string>): string[] {
  return listGroups().filter((path) => !before.has(path) && !isAlive(makerOf(path)) && !hasProcesses(path));
}

/** Fails when a process came into it meanwhile. Does nothing when it is gone. */
export function removeGroup(path: string): void {
  if (existsSync(path)) rmdirSync(path);
}

function makerOf(path: string): number {
  return Number(OURS.exec(path)?.[1]);
}

function hasProcesses(path: string): boolean {
  if (readOrEmpty(join(path, 'cgroup.procs')) !== '') return true;
  return foldersBelow(path).some((child) => readOrEmpty(join(child, 'cgroup.procs')) !== '');
}

/** Symbolic links (`cpu` → `cpu,cpuacct`) are not followed. */
function foldersBelow(path: string): string[] {
  const children = entries(path).filter((entry) => entry.isDirectory());
  return children.flatMap((entry) => [...foldersBelow(join(path, entry.name)), join(path, entry.name)]);
}

function entries(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // EOPNOTSUPP: a threaded group of v2 does not list processes.
    if (isGone(error) || (error as NodeJS.ErrnoException).code === 'EOPNOTSUPP') return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}
