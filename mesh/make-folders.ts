/** Folders with their parents, without a trap of Node's own way to make them. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Like `mkdir -p`. Node's own never returns for a folder below /proc, which says "not found" although its parent is there. */
export async function makeFolders(path: string): Promise<void> {
  if (await made(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolders(parent);
  if (!(await made(path))) throw new Error(`${parent} takes no folders`);
}

/** Whether the folder is there now; false when its parent is missing. */
async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    // A file of that name shows when something is written below it.
    if (code === 'EEXIST') return true;
    throw error;
  }
}
