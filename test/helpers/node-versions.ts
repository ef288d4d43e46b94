/**
 * Other versions of Node on this machine, besides the pinned one that runs the tests.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A Node that is too old for splitmesh; undefined when there is none in the PATH. */
export function oldNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'node'));
  return candidates.find((path) => existsSync(path) && isTooOld(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout));
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major < 22 || (major === 22 && minor < 20);
}
