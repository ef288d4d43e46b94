import { mkdirSync } from 'node:fs';
import test from 'ava';
import { cgroupMissing, cgroupVersion, createGroup } from '../helpers/cgroup.ts';
import { abandonedGroups, listGroups } from '../helpers/cgroup-leaks.ts';
import { type LeakWatch, watchLeaks } from '../helpers/leaks.ts';
import { needs } from '../helpers/privileges.ts';
import { isAlive, processesWith } from '../helpers/proc.ts';
import { runProcess, startProcess } from '../helpers/processes.ts';
import { repository } from '../helpers/repository.ts';
import { OwnScope } from '../helpers/scope.ts';

const leaver = (what: string) => [process.execPath, `${repository}test/fixtures/programs/leaver.ts`, what];

async function watched(): Promise<{ scope: OwnScope; leaks: LeakWatch }> {
  const scope = new OwnScope();
  return { scope, leaks: await watchLeaks(scope) };
}

// One after the other: control groups are the whole machine's.
test.serial('a test that cleans up passes', async (t) => {
  const { scope, leaks } = await watched();
  startProcess(scope, ['sleep', '1000'], { env: leaks.env });
  await t.notThrowsAsync(scope.end());
});

test.serial('a process that outlives its parent is found with its port, and ended', async (t) => {
  const { scope, leaks } = await watched();
  t.is((await runProcess(scope, leaver('process'), { env: leaks.env })).code, 0);
  const left = processesWith('SPLITMESH_TEST_RUN', leaks.env.SPLITMESH_TEST_RUN!);
  t.is(left.length, 1);
  await t.throwsAsync(scope.end(), { message: /left behind:\n {2}process \d+: .*createServer.* \(listening on \d+\)/ });
  t.false(isAlive(left[0]!.pid) && processesWith('SPLITMESH_TEST_RUN', leaks.env.SPLITMESH_TEST_RUN!).length > 0);
});

test.serial('a forgotten temporary file is found', async (t) => {
  const { scope, leaks } = await watched();
  await runProcess(scope, leaver('file'), { env: leaks.env });
  await t.throwsAsync(scope.end(), { message: /left behind:\n {2}file or folder forgotten\.txt/ });
});

needs(test.serial, cgroupMissing())('a forgotten control group is found and removed, one in use by somebody else is not', async (t) => {
  const { scope } = await watched();
  const others = createGroup(t, {});
  startProcess(t, [...others.prefix, 'sleep', '1000']);
  const path = `/sys/fs/cgroup/${cgroupVersion() === 'v1' ? 'memory/' : ''}splitmesh-forgotten-${process.pid}`;
  mkdirSync(path);
  t.true(abandonedGroups(new Set()).includes(path));
  const error = await t.throwsAsync(scope.end());
  t.true(error.message.includes(`control group ${path}`));
  t.false(listGroups().includes(path));
});
