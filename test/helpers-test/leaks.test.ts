import { rmdirSync } from 'node:fs';
import test from 'ava';
import { cgroupMissing, cgroupVersion, createGroup } from '../helpers/cgroup.ts';
import { listGroups } from '../helpers/cgroup-leaks.ts';
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

const memoryRoot = `/sys/fs/cgroup/${cgroupVersion() === 'v1' ? 'memory/' : ''}`;

needs(test.serial, cgroupMissing())('a control group whose maker has ended is found and removed', async (t) => {
  const { scope, leaks } = await watched();
  const make = `mkdir ${memoryRoot}splitmesh-forgotten-$$ && sleep 1`;
  const maker = startProcess(scope, ['/bin/sh', '-c', make], { env: leaks.env });
  const { pid } = maker;
  t.is((await maker.exit).code, 0);
  const path = `${memoryRoot}splitmesh-forgotten-${pid}`;
  const error = await t.throwsAsync(scope.end());
  t.true(error.message.includes(`control group ${path}`));
  t.false(listGroups().includes(path));
});

needs(test.serial, cgroupMissing())(
  'a control group whose maker lives, that is in use, or that another test has made is left alone',
  async (t) => {
    const { scope, leaks } = await watched();
    createGroup(t, {});
    const make = (name: string, env: Readonly<Record<string, string>>) =>
      startProcess(t, ['/bin/sh', '-c', `mkdir ${memoryRoot}splitmesh-${name}-$$ && sleep 1`], { env });
    const [maker, foreign] = [make('used', leaks.env), make('foreign', {})];
    const used = `${memoryRoot}splitmesh-used-${maker.pid}`;
    t.teardown(() => rmdirSync(`${memoryRoot}splitmesh-foreign-${foreign.pid}`));
    await Promise.all([maker.exit, foreign.exit]);
    t.teardown(() => rmdirSync(used));
    const user = startProcess(t, ['/bin/sh', '-c', `echo $$ >${used}/cgroup.procs && echo in && exec sleep 1000`]);
    await user.line(/^in$/);
    await t.notThrowsAsync(scope.end());
    t.true(listGroups().includes(used));
  },
);
