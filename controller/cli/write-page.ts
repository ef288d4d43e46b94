/** A page for people, or a file for other programs: written where they said, and shown when they asked for it. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { Io } from './command.ts';
import { openFile } from './open-file.ts';

/** Before work that takes long and would be lost. Error `usage` when nothing can be written there. */
export async function checkPage(path: string, option: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new MeshError('usage', `${option}: nothing can be written to ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

/** `option` named the file. Error `denied`. */
export async function writePage(path: string, page: string | Uint8Array, option: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new MeshError('denied', `${path} can't be written: ${(error as Error).message}`, {
      hint: `name another file with ${option}`,
      cause: error,
    });
  }
}

/** That nothing can show it here is no failure: it is written. */
export async function showPage(path: string, io: Io): Promise<void> {
  const why = await openFile(resolve(path), io.env);
  if (why !== undefined) io.stderr(`controller: it can't be shown: ${why}; open ${resolve(path)} in a browser\n`);
}
