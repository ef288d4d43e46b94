/**
 * A folder that is there for one test.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './scope.ts';

export async function tempFolder(t: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'splitmesh-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
