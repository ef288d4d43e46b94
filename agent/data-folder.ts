/**
 * The agent's data folder: made when it is not there, proven writable, and owned by one agent at a time.
 *
 * The lock names its owner by process id and start time, so that a lock whose owner was killed is recognised and taken over, also when
 * the id has been given to another process since.
 */
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../mesh/error.ts';
import { makeFolders } from '../mesh/make-folders.ts';

export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  /** Gives the folder free. Idempotent. */
  release(): Promise<void>;
}

/** Errors: `denied` when the folder can't be written, `conflict` when another agent uses it. */
export async function openDataFolder(path: string, pid: number): Promise<DataFolder> {
  const lock = join(path, 'agent.lock');
  const mine = `${pid} ${await startTime(pid)}\n`;
  const draft = `${lock}.${pid}`;
  try {
    await makeFolders(path);
    await writeFile(draft, mine);
  } catch (error) {
    throw new MeshError('denied', `the data folder ${path} can't be written: ${(error as Error).message}`, {
      hint: 'choose another folder with --data DIR, or give this user the permission',
      cause: error,
    });
  }
  try {
    await takeLock(lock, draft, path);
  } finally {
    await unlink(draft);
  }
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    if ((await readIfThere(lock)) === mine) await unlink(lock);
  };
  return { path, release, [Symbol.asyncDispose]: release };
}

/** A link is made by one process only, and the lock is complete from the start. */
async function takeLock(lock: string, draft: string, folder: string): Promise<void> {
  for (;;) {
    try {
      await link(draft, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await readIfThere(lock);
    if (found === undefined) continue;
    const [pid, started] = found.trim().split(' ');
    if (started !== undefined && started !== GONE && (await startTime(Number(pid))) === started) {
      throw new MeshError('conflict', `the data folder ${folder} is in use by the agent with process id ${pid}`, {
        hint: 'stop that agent, or choose another folder with --data DIR',
      });
    }
    await removeStale(lock, found, `${draft}.stale`);
  }
}

/** Of several agents that find the same stale lock, one moves it away; whoever moved a fresh one by mistake puts it back. */
async function removeStale(lock: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await readIfThere(aside)) === stale) await unlink(aside);
  else await rename(aside, lock);
}

const GONE = 'none';

/** Clock ticks after boot at which a process started; `GONE` when there is no such process. */
async function startTime(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // Fields are counted after the name, which stands in parentheses and may hold anything. A zombie holds no lock.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? GONE : (fields[19] ?? GONE);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: the process ended between opening and reading its entry in /proc.
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
