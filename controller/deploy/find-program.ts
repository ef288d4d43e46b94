/** Looks a program up like a shell would, and in the folders for administrators, which are not in everybody's PATH. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const adminFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Absolute path, or undefined when there is none that may be executed. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...folders, ...adminFolders]) {
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
