import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { realCgroupFiles } from '../../../agent/cgroup/cgroup-files.ts';
import { detectHierarchies } from '../../../agent/cgroup/detect.ts';
import { openDeviceGroup } from '../../../agent/cgroup/device-group.ts';
import { MeshError } from '../../../mesh/error.ts';
import { deviceGroupMissing } from '../../helpers/device-group.ts';
import { needs } from '../../helpers/privileges.ts';
import { isAlive } from '../../helpers/proc.ts';
import { startProcess } from '../../helpers/processes.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { SupervisorHarness } from '../stages/supervisor-harness.ts';
import { FakeKernel } from './fake-kernel.ts';

/** A process that is put into the agent's place, so that the test itself stays where it is. */
async function withAgent(t: ExecutionContext, use: (pid: number) => Promise<void>): Promise<void> {
  await use(startProcess(t, ['sleep', '600']).pid);
}

test('cpu, cpuacct and memory each get the same groups', async (t) => {
  const kernel = new FakeKernel(await tempFolder(t));
  const line = (controller: string) => `1 2 0:1 / /sys/fs/cgroup/${controller} rw - cgroup cgroup rw,${controller}`;
  kernel.put('/proc/self/mountinfo', `${['cpu', 'cpuacct', 'memory'].map(line).join('\n')}\n`);
  kernel.put('/proc/self/cgroup', '3:memory:/box\n2:cpuacct:/\n1:cpu:/\n');
  for (const base of ['cpu', 'cpuacct', 'memory/box']) kernel.group(`/sys/fs/cgroup/${base}`, { processes: '77' });
  const limits = { cpuQuotaCores: 0.4, memoryLimitBytes: 1 << 29 };
  const group = openDeviceGroup({ hierarchies: detectHierarchies(kernel), name: 'pi', pid: 77, limits, isAlive: () => false });
  t.is(group.version, 'v1');
  t.is(kernel.read('/sys/fs/cgroup/cpu/splitmesh-pi-77/cpu.cfs_quota_us'), '4000');
  t.is(kernel.read('/sys/fs/cgroup/cpu/splitmesh-pi-77/cpu.cfs_period_us'), '10000');
  t.is(kernel.read('/sys/fs/cgroup/memory/box/splitmesh-pi-77/memory.limit_in_bytes'), `${1 << 29}`);
  const stage = group.addStage({});
  t.is(stage.procsFiles.length, 3);
  kernel.put('/sys/fs/cgroup/cpuacct/splitmesh-pi-77/stage-1/cpuacct.usage', '1500000\n');
  kernel.put('/sys/fs/cgroup/memory/box/splitmesh-pi-77/stage-1/memory.max_usage_in_bytes', '8192\n');
  kernel.put('/sys/fs/cgroup/memory/box/splitmesh-pi-77/stage-1/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
  t.deepEqual(stage.usage(), { cpuMs: 1.5, peakMemoryBytes: 8192, oomKills: 1 });
  t.true(stage.remove());
  // Weights are shares of the usual 1024, as far as the kernel takes them; the usual one is left alone.
  const shares = [200, 0, 1_000_000, 100].map((weight, at) => {
    group.addStage({}, weight);
    return kernel.read(`/sys/fs/cgroup/cpu/splitmesh-pi-77/stage-${at + 2}/cpu.shares`);
  });
  t.deepEqual(shares, ['2048', '2', '262144', '']);
  group.close();
  for (const base of ['cpu', 'cpuacct', 'memory/box']) {
    t.deepEqual(kernel.folders(`/sys/fs/cgroup/${base}`), []);
    t.is(kernel.read(`/sys/fs/cgroup/${base}/cgroup.procs`), '77');
  }
});

needs(test.serial, deviceGroupMissing())(
  'a device group of the real kernel holds the agent, its limits and its stages, and goes without a trace',
  async (t) => {
    await withAgent(t, async (pid) => {
      const hierarchies = detectHierarchies(realCgroupFiles());
      const limits = { cpuQuotaCores: 0.05, memoryLimitBytes: 256 * 2 ** 20 };
      const group = openDeviceGroup({ hierarchies, name: 'test', pid, limits, isAlive });
      try {
        t.regex(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), new RegExp(`splitmesh-test-${pid}/agent`));
        // Larger than the device's: the kernel would refuse, so it is cut down.
        t.true(group.addStage({ cpuQuotaCores: 8, memoryLimitBytes: 2 ** 40 }).remove());
        // The period becomes longer and shorter again, below a group that has a quota of its own.
        const own = group.addStage({ cpuQuotaCores: 0.05 });
        t.true(group.addStage({}, 300).remove());
        t.true(own.remove());
        t.true(group.usage().oomKills === 0 && group.usage().cpuMs !== undefined);
      } finally {
        group.close();
      }
      t.notRegex(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), /splitmesh-test/);
      t.false(hierarchies[0]!.children('').includes(`splitmesh-test-${pid}`));
    });
  },
);

needs(test.serial, deviceGroupMissing())(
  'a stage that uses up its memory is killed alone, and said to have run out of memory',
  async (t) => {
    await withAgent(t, async (pid) => {
      const hierarchies = detectHierarchies(realCgroupFiles());
      const limits = { memoryLimitBytes: 192 * 2 ** 20 };
      const group = openDeviceGroup({ hierarchies, name: 'oom', pid, limits, isAlive });
      try {
        const harness = new SupervisorHarness(await tempFolder(t), { group, limits });
        await harness.load('ok', { key: { run: 'r', stage: 'good', epoch: 1n } });
        const error = await t.throwsAsync(harness.load('hog', { memoryLimitBytes: 96 * 2 ** 20 }), { instanceOf: MeshError });
        t.is(error?.code, 'exhausted');
        t.regex(error?.message ?? '', /ran out of memory \(its limit is 96 MiB\)/);
        const stages = harness.supervisor.status();
        t.deepEqual(
          stages.map(({ key, state }) => [key.stage, state]),
          [
            ['good', 'ready'],
            ['a', 'failed'],
          ],
        );
        const [use] = await harness.supervisor.retire('r', 'a', 1n);
        t.true(use!.peakMemoryBytes! > 80 * 2 ** 20 && use!.peakMemoryBytes! <= 97 * 2 ** 20);
        const [good] = await harness.supervisor.retire('r', 'good', 1n);
        t.true(good!.cpuMs! > 0 && good!.peakMemoryBytes! > 2 ** 20);
        t.true(isAlive(pid));
        t.deepEqual(hierarchies[0]!.children(`splitmesh-oom-${pid}`), ['agent']);
      } finally {
        group.close();
      }
      t.false(hierarchies[0]!.children('').includes(`splitmesh-oom-${pid}`));
    });
  },
);

needs(test.serial, deviceGroupMissing())('the device quota holds for its stages together', async (t) => {
  await withAgent(t, async (pid) => {
    const group = openDeviceGroup({
      hierarchies: detectHierarchies(realCgroupFiles()),
      name: 'quota',
      pid,
      limits: { cpuQuotaCores: 0.2 },
      isAlive,
    });
    try {
      const stages = [group.addStage({}), group.addStage({})];
      const script = 'for file in "$@"; do echo 0 > "$file" || exit 1; done; exec timeout 1 sh -c "while :; do :; done"';
      const burning = stages.map((stage) => spawn('sh', ['-c', script, 'burn', ...stage.procsFiles]));
      const startedMs = performance.now();
      await Promise.all(burning.map((child) => once(child, 'exit')));
      const elapsedMs = performance.now() - startedMs;
      const usedMs = group.usage().cpuMs!;
      t.true(usedMs <= 0.2 * elapsedMs + 50, `${usedMs} ms of CPU in ${elapsedMs} ms`);
      for (const stage of stages) t.true(stage.remove());
    } finally {
      group.close();
    }
  });
});
