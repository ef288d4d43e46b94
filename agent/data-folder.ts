/**
 * The agent's data folder: made when it is not there, proven writable, and owned by one agent at a time.
 *
 * The lock names its owner by process id and start time, so that a lock whose owner was killed is recognised and taken over, also when
 * the id has been given to another process since.
 */
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

/**
 * A link is made by one process only, and the lock is complete from the start. A stale lock is never taken away, it is replaced, by the one
 * who holds the claim on it (a lock of its own, named after the stale content): so there is no moment without a lock in which another could slip in.
 */
async function takeLock(lock: string, draft: string, folder: string): Promise<void> {
  for (;;) {
    const holder = await tryLock(lock, draft);
    if (holder === undefined) return;
    if (await isAlive(holder)) {
      throw new MeshError('conflict', `the data folder ${folder} is in use by the agent with process id ${holder.split(' ')[0]}`, {
        hint: 'stop that agent, or choose another folder with --data DIR',
      });
    }
    if (await replaceStale(lock, holder, draft)) return;
    await delay(CLAIM_WAIT_MS);
  }
}

/** Undefined when the lock is now ours, else what its holder wrote into it. */
async function tryLock(lock: string, draft: string): Promise<string | undefined> {
  for (;;) {
    try {
      await link(draft, lock);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readIfThere(lock);
    if (holder !== undefined) return holder;
  }
}

/** False when another agent is at it, or was. A claim whose holder has died is replaced in the same way. */
async function replaceStale(lock: string, stale: string, draft: string): Promise<boolean> {
  const claim = `${lock}.${stale
    .trim()
    .replace(/[^\w]+/g, '-')
    .slice(0, 80)}`;
  const claimant = await tryLock(claim, draft);
  if (claimant !== undefined && ((await isAlive(claimant)) || !(await replaceStale(claim, claimant, draft)))) return false;
  try {
    // Only who holds the claim may replace it, and what is in a lock never comes again: if it is still there, it stays until we are done.
    if ((await readIfThere(lock)) !== stale) return false;
    await link(draft, `${draft}.new`);
    await rename(`${draft}.new`, lock);
    return true;
  } finally {
    await unlink(claim);
  }
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, started] = holder.trim().split(' ');
  return started !== undefined && started !== GONE && (await startTime(Number(pid))) === started;
}

/** How long to wait for another agent that replaces a stale lock: it takes two system calls. */
const CLAIM_WAIT_MS = 10;

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
