/**
 * A test of real processes leaves nothing behind. `watchLeaks` gives it an identity that every process it starts inherits, and a temporary
 * folder of its own; when the test and all other teardowns are over, it looks at what is still there:
 *
 *     processes that carry the identity (re-parented ones too), and the ports they listen on
 *     files in the temporary folder
 *     control groups that such processes made, and nobody uses
 *
 * Whatever is found fails the test, and is removed.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GroupWatch, removeGroup } from './cgroup-leaks.ts';
import { listeningPorts } from './ports.ts';
import { carries, processesWith } from './proc.ts';
import type { Scope } from './scope.ts';
import { waitUntil } from './wait-until.ts';

const IDENTITY = 'SPLITMESH_TEST_RUN';

/** A process that was told to end may need a moment to be gone. */
const GRACE_MS = 3_000;

export interface LeakWatch {
  /** For every process of the test: its identity and temporary folder. */
  readonly env: Readonly<Record<string, string>>;
  readonly tempFolder: string;
}

/** Call it first in a test: teardowns run in reverse order, so this look comes last. */
export async function watchLeaks(t: Scope): Promise<LeakWatch> {
  const identity = randomUUID();
  const folder = await mkdtemp(join(tmpdir(), 'splitmesh-test-'));
  const groups = new GroupWatch((pid) => carries(pid, IDENTITY, identity));
  t.teardown(async () => {
    const leaks = [...(await leakedProcesses(identity)), ...(await leakedFiles(folder)), ...(await leakedGroups(groups))];
    groups.close();
    await rm(folder, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`the test left behind:\n  ${leaks.join('\n  ')}`);
  });
  return { env: { [IDENTITY]: identity, TMPDIR: folder }, tempFolder: folder };
}

async function leakedProcesses(identity: string): Promise<string[]> {
  const left = await afterGrace(() => processesWith(IDENTITY, identity));
  return left.map(({ pid, command }) => {
    const ports = listeningPorts(pid);
    process.kill(pid, 'SIGKILL');
    return `process ${pid}: ${command}${ports.length === 0 ? '' : ` (listening on ${ports.join(', ')})`}`;
  });
}

async function leakedFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => `file or folder ${name} in the temporary folder`);
}

async function leakedGroups(groups: GroupWatch): Promise<string[]> {
  const left = await afterGrace(() => groups.abandoned());
  left.forEach(removeGroup);
  return left.map((path) => `control group ${path}`);
}

/** What is still there after a while; empty as soon as nothing is. */
async function afterGrace<T>(look: () => T[]): Promise<T[]> {
  return waitUntil('', () => (look().length === 0 ? [] : undefined), GRACE_MS).catch(look);
}
