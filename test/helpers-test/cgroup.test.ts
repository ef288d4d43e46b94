import test from 'ava';
import { cgroupMissing, createGroup } from '../helpers/cgroup.ts';
import { needs } from '../helpers/privileges.ts';
import { runProcess } from '../helpers/processes.ts';
import { OwnScope } from '../helpers/scope.ts';

const limited = needs(test, cgroupMissing());

limited('a group gives a program a share of a core', async (t) => {
  const group = createGroup(t, { cpuQuota: 0.25 });
  const BURN = 'const end = performance.now() + 400; while (performance.now() < end); console.log(process.cpuUsage().user)';
  const started = performance.now();
  const { code } = await runProcess(t, [...group.prefix, process.execPath, '-e', BURN]);
  t.is(code, 0);
  const share = group.cpuMs() / (performance.now() - started);
  t.true(share > 0 && share < 0.35, `${share} of a core`);
});

limited('a program that wants more memory than its group has is killed', async (t) => {
  const group = createGroup(t, { memoryBytes: 96 * 1024 * 1024 });
  const { code, signal } = await runProcess(t, [...group.prefix, process.execPath, '-e', 'Buffer.alloc(300e6, 1)']);
  t.is(code, null);
  t.is(signal, 'SIGKILL');
  t.true((group.peakBytes() ?? 0) <= 96 * 1024 * 1024);
});

limited('a group is gone with its scope', async (t) => {
  const scope = new OwnScope();
  const group = createGroup(scope, {});
  t.is((await runProcess(scope, [...group.prefix, 'true'])).code, 0);
  await scope.end();
  t.not((await runProcess(t, [...group.prefix, 'true'])).code, 0);
});
