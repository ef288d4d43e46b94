/** One cache of models for all tests of a process: what one test has built and asked the runtime about, the next need not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

let folder: string | undefined;

/** For XDG_CACHE_HOME; gone when the process ends. */
export function sharedCache(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'splitmesh-test-cache-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
