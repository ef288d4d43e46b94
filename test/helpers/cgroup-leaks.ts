/**
 * Control groups of ours that nobody uses any more. Groups are called `splitmesh-<what for>-<pid of the maker>`. Other tests may run at the
 * same time, so a group counts as a test's only when its maker was seen alive and was the test's, and as abandoned when the maker has ended and
 * no process is in it or below it.
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

/** More often than a process that makes groups starts and ends again. */
const LOOK_EVERY_MS = 100;

/** Looks who makes groups, as long as it is not closed. */
export class GroupWatch {
  readonly #isMine: (pid: number) => boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #known = new Set<string>();
  readonly #mine = new Set<string>();

  /** `isMine`: whether a process that lives is the test's. */
  constructor(isMine: (pid: number) => boolean) {
    this.#isMine = isMine;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    this.#look();
  }

  abandoned(): string[] {
    this.#look();
    return [...this.#mine]
      .filter((path) => existsSync(path) && !isAlive(makerOf(path)) && !hasProcesses(path))
      .sort()
      .reverse();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const path of listGroups()) {
      if (this.#known.has(path)) continue;
      this.#known.add(path);
      if (this.#isMine(makerOf(path))) this.#mine.add(path);
    }
  }
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
