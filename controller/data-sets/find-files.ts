/**
 * Finds the files of a data set somewhere below a folder: archives are unpacked in many ways, names stay.
 *
 *     folder/                                   wanted: bearingset/ball_20_0.csv
 *       Mechanical-datasets/gearbox/
 *         bearingset/ball_20_0.csv  ◀──────────── ends like it, whatever its case
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { MeshError } from '../../mesh/error.ts';

export interface WantedFile {
  /** For messages: how it is published. */
  readonly title: string;
  /** Of the path below the folder, in lower case, with `/`. */
  readonly matches: RegExp;
}

/** Folders within each other. */
const DEPTH_MAX = 6;
/** A folder with more is no folder of a data set: somebody gave a whole disk. */
const ENTRIES_MAX = 50_000;
const NAMED_MAX = 5;

/** A file with this ending of its path, `/` between folders. */
export function named(title: string): WantedFile {
  const escaped = title.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { title, matches: new RegExp(`(^|/)${escaped}$`) };
}

/**
 * The paths in the order of `wanted`; of several that match the least deep, then the first by name. `about`: the data set, `source`: where it
 * is published and how the folder looks. Errors: `not-found` with what is missing and where it was looked for; `invalid`: no folder.
 */
export async function findFiles(
  folder: string,
  wanted: readonly WantedFile[],
  { about, source, signal }: { readonly about: string; readonly source: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const files = await filesBelow(folder, about, source, signal);
  const paths = wanted.map(({ matches }) => files.find(({ key }) => matches.test(key))?.path);
  const missing = wanted.filter((_, index) => paths[index] === undefined);
  if (missing.length > 0) {
    const titles = missing.slice(0, NAMED_MAX).map(({ title }) => title);
    const more = missing.length > titles.length ? ` and ${missing.length - titles.length} more` : '';
    throw new MeshError(
      'not-found',
      `${about}: ${missing.length} of ${wanted.length} files are missing: ${titles.join(', ')}${more}; looked for among the ${files.length} files in ${folder} and ${DEPTH_MAX} levels below`,
      { hint: source },
    );
  }
  return paths as string[];
}

interface Found {
  readonly path: string;
  /** What is matched. */
  readonly key: string;
}

/** Least deep first, then by name: the same on every file system. */
async function filesBelow(folder: string, about: string, source: string, signal: AbortSignal): Promise<readonly Found[]> {
  const found: Found[] = [];
  let entries = 0;
  let level = [folder];
  for (let depth = 0; depth <= DEPTH_MAX && level.length > 0; depth += 1) {
    const below: string[] = [];
    for (const each of level) {
      signal.throwIfAborted();
      const listed = await list(each, depth, about, source);
      entries += listed.length;
      if (entries > ENTRIES_MAX) {
        const message = `${about}: ${folder} has more than ${ENTRIES_MAX} files and folders, expected the few of the data set`;
        throw new MeshError('invalid', message, { hint: source });
      }
      for (const entry of listed.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(each, entry.name);
        const kind = await kindOf(entry, path);
        if (kind === 'folder') below.push(path);
        if (kind === 'file') found.push({ path, key: relative(folder, path).split(sep).join('/').toLowerCase() });
      }
    }
    level = below;
  }
  return found;
}

async function list(folder: string, depth: number, about: string, source: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Somebody else's folder inside: what is missing then is said by name.
    if (depth > 0 && (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR')) return [];
    const why = code === 'ENOENT' ? 'there is no such folder' : code === 'ENOTDIR' ? 'it is no folder' : (error as Error).message;
    throw new MeshError(code === 'ENOENT' ? 'not-found' : 'invalid', `${about}: ${folder} can't be searched: ${why}`, {
      hint: source,
      cause: error,
    });
  }
}

/** Links are followed; archives made on a Mac have twins of their files that hold no data. */
async function kindOf(entry: Dirent, path: string): Promise<'folder' | 'file' | 'neither'> {
  if (entry.name.startsWith('.') || entry.name === '__MACOSX') return 'neither';
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'neither';
  const target = await stat(path).catch(() => undefined);
  return target?.isDirectory() ? 'folder' : target?.isFile() ? 'file' : 'neither';
}
