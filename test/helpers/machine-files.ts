/** A folder that stands for / on a machine with certain files in /proc and /sys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Scope } from './scope.ts';
import { tempFolder } from './temp-folder.ts';

export async function machineWith(t: Scope, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await tempFolder(t);
  await putFiles(root, files);
  return root;
}

export async function putFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
