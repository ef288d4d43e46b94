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

/** Throws what the operating system says of a file that can't be read. */
export async function warmFiles(paths: readonly string[]): Promise<void> {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  for (const path of paths) {
    await using file = await open(path);
    while ((await file.read(buffer, 0, BUFFER_BYTES)).bytesRead > 0);
  }
}

/**
 * By `dd` of GNU coreutils, which asks the kernel for it (posix_fadvise); this needs no root. Pages that another process has mapped stay. Returns what
 * could not be done, for a person.
 */
export async function dropFiles(paths: readonly string[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const path of paths) {
    try {
      await writeOut(path);
      await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], { timeout: DROP_TIMEOUT_MS });
    } catch (error) {
      warnings.push(`${path} may still be in the page cache: ${reasonOf(error)}`);
    }
  }
  return warnings;
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
