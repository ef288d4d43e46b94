/**
 * The files of a run in the kernel's page cache, or out of it:
 *
 *     warm   read once by the agent: whoever reads a page first has it in its memory, so they do not count in the run's
 *     cold   dropped: read from the disk by the run, and counted in its memory
 */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { MeshError } from '../../mesh/error.ts';

const run = promisify(execFile);

const BUFFER_BYTES = 2 ** 20;
/** Much longer than it takes; a disk that does not answer must not hold up the agent for ever. */
const DROP_TIMEOUT_MS = 60_000;
const WARNINGS_MAX = 10;

/** Throws what the operating system says of a file that can't be read; rejects with the signal's reason. */
export async function warmFiles(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  for (const path of paths) {
    await using file = await open(path);
    while ((await file.read(buffer, 0, BUFFER_BYTES)).bytesRead > 0) signal.throwIfAborted();
  }
}

/**
 * By `dd` of GNU coreutils, which asks the kernel for it (posix_fadvise); this needs no root. Pages that another process has mapped stay. Returns what
 * could not be done, for a person; rejects with the signal's reason.
 */
export async function dropFiles(paths: readonly string[], signal: AbortSignal): Promise<string[]> {
  const warnings: string[] = [];
  for (const path of paths) {
    signal.throwIfAborted();
    try {
      await writeOut(path);
      await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], { timeout: DROP_TIMEOUT_MS });
    } catch (error) {
      warnings.push(`${path} may still be in the page cache: ${reasonOf(error)}`);
    }
  }
  return atMost(warnings);
}

/** Of thousands of files each says the same. */
function atMost(warnings: readonly string[]): string[] {
  const more = warnings.length - WARNINGS_MAX;
  return [...warnings.slice(0, WARNINGS_MAX), ...(more > 0 ? [`${more} more files may still be in the page cache`] : [])];
}

/** Pages that have yet to be written to the disk can't be dropped. */
async function writeOut(path: string): Promise<void> {
  await using file = await open(path);
  await file.datasync();
}

function reasonOf(error: unknown): string {
  const { code, syscall, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
  if (code === 'ENOENT' && syscall?.startsWith('spawn')) return 'this device has no dd';
  return stderr?.trim() || MeshError.from(error).message;
}
