/**
 * The folder that an agent lends to runs: their inputs and outputs lie below it, links followed, and nowhere else. A path that comes from a
 * stranger must not lead out of it.
 */
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { MeshError } from '../../mesh/error.ts';

/** The path as it really is. Relative ones are meant from the folder. Errors: `denied` outside of it, `not-found` when its folder is not there. */
export async function lentPath(folder: string, path: string): Promise<string> {
  const root = await real(folder, folder);
  const wanted = resolve(root, path);
  // What does not exist yet has a folder that does.
  const found = await realpath(wanted).catch(() => undefined);
  const there = found ?? resolve(await real(dirname(wanted), path), wanted.slice(dirname(wanted).length + 1));
  if (!isBelow(there, root)) {
    throw new MeshError('denied', `${path} is not below ${root}, the folder that this agent lends to runs`, {
      hint: 'give a path below it, or start the agent with another --run-folder',
    });
  }
  return there;
}

async function real(folder: string, path: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    throw new MeshError('not-found', `${path}: there is no folder ${folder} on this device`, { cause: error });
  }
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
