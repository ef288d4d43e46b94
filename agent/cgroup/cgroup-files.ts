/**
 * The few file operations cgroups need, below an injectable root, so that tests run the same code over a temporary folder.
 *
 * Synchronous on purpose: these are reads and writes of kernel memory, and their order matters more than anything else here.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CgroupFiles {
  read(path: string): string;
  write(path: string, value: string): void;
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** Names of the folders in a folder. */
  folders(path: string): string[];
}

export function realCgroupFiles(root = '/'): CgroupFiles {
  return {
    read: (path) => readFileSync(join(root, path), 'utf8'),
    // 'r+': a control file is never created or truncated; one that is missing is an error.
    write: (path, value) => writeFileSync(join(root, path), value, { flag: 'r+' }),
    makeFolder: (path) => mkdirSync(join(root, path)),
    removeFolder: (path) => rmdirSync(join(root, path)),
    folders: (path) =>
      readdirSync(join(root, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name),
  };
}

/** The content of a file, or undefined when this kernel does not have it or does not let us read it. */
export function readIfThere(files: CgroupFiles, path: string): string | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}

/** The folders in a folder; none when it does not exist. */
export function foldersIfThere(files: CgroupFiles, path: string): string[] {
  try {
    return files.folders(path);
  } catch {
    return [];
  }
}

/** The number after `key` in a file of `key value` lines. */
export function counter(text: string | undefined, key: string): number | undefined {
  const found = text === undefined ? undefined : new RegExp(`^${key} (\\d+)$`, 'm').exec(text);
  return found == null ? undefined : Number(found[1]);
}

/** The number that is all of a file. */
export function number(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || !/^\d+$/.test(trimmed) ? undefined : Number(trimmed);
}

/** Of a cgroup.procs: one on each line. */
export function pidsOf(text: string): number[] {
  return text.split('\n').filter(Boolean).map(Number);
}

/** In another unit. */
export function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** Makes it when it is not there yet. */
export function makeFolderOnce(files: CgroupFiles, path: string): void {
  try {
    files.makeFolder(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
