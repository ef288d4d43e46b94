import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { detectHierarchies } from '../../../agent/cgroup/detect.ts';
import { openDeviceGroup } from '../../../agent/cgroup/device-group.ts';
import { MeshError } from '../../../mesh/error.ts';
import type { FakeKernel } from './fake-kernel.ts';
import { machineV2, PID, unit } from './fake-machine.ts';

function open(kernel: FakeKernel, options: { readonly alive?: readonly number[]; readonly cpuQuotaCores?: number } = {}) {
  return openDeviceGroup({
    hierarchies: detectHierarchies(kernel),
    name: 'pi',
    pid: PID,
    limits: { cpuQuotaCores: options.cpuQuotaCores ?? 0.4, memoryLimitBytes: 1 << 29 },
    isAlive: (pid) => options.alive?.includes(pid) ?? false,
  });
}

test('the agent moves into a leaf, then hands controllers down and sets the limits of the device', async (t) => {
  const kernel = await machineV2(t);
  const group = open(kernel);
  const device = `${unit}/splitmesh-pi-${PID}`;
  t.is(group.version, 'v2');
  t.is(kernel.read(`${device}/agent/cgroup.procs`), `${PID}`);
  t.is(kernel.read(`${unit}/cgroup.procs`), '');
  t.is(kernel.read(`${unit}/cgroup.subtree_control`), 'cpu memory');
  t.is(kernel.read(`${device}/cgroup.subtree_control`), 'cpu memory');
  t.is(kernel.read(`${device}/cpu.max`), '4000 10000');
  t.is(kernel.read(`${device}/memory.max`), `${1 << 29}`);
  t.is(kernel.read(`${device}/memory.swap.max`), '0');
});

test('a stage has its weight, as far as the kernel takes it; the usual one is left alone', async (t) => {
  const kernel = await machineV2(t);
  const group = open(kernel);
  const weights = [200, 0, 1_000_000, 100].map((weight, at) => {
    group.addStage({}, weight);
    return kernel.read(`${unit}/splitmesh-pi-${PID}/stage-${at + 1}/cpu.weight`);
  });
  t.deepEqual(weights, ['200', '1', '10000', 'max']);
});

test('the quota of a device is counted over 100 ms as long as stages on it have weights', async (t) => {
  const kernel = await machineV2(t);
  const group = open(kernel);
  const bandwidth = (): string => kernel.read(`${unit}/splitmesh-pi-${PID}/cpu.max`);
  group.addStage({});
  t.is(bandwidth(), '4000 10000');
  const stages = [group.addStage({}, 300), group.addStage({}, 50)];
  t.is(bandwidth(), '40000 100000');
  t.true(stages[0]!.remove());
  t.is(bandwidth(), '40000 100000');
  t.true(stages[1]!.remove());
  t.is(bandwidth(), '4000 10000');
});

test('closing puts everything back', async (t) => {
  const kernel = await machineV2(t);
  const group = open(kernel);
  const stage = group.addStage({});
  t.true(stage.remove());
  group.close();
  group.close();
  t.deepEqual(kernel.folders(unit), []);
  t.is(kernel.read(`${unit}/cgroup.procs`), `${PID}`);
  t.is(kernel.read(`${unit}/cgroup.subtree_control`), '');
});

test('a stage has a leaf of its own with limits not above the device, and its use is read from there', async (t) => {
  const kernel = await machineV2(t);
  const group = open(kernel);
  const stage = group.addStage({ cpuQuotaCores: 2, memoryLimitBytes: 1 << 20 });
  const leaf = `${unit}/splitmesh-pi-${PID}/stage-1`;
  t.deepEqual(stage.procsFiles, [`${leaf}/cgroup.procs`]);
  t.is(kernel.read(`${leaf}/cpu.max`), '4000 10000');
  t.is(kernel.read(`${leaf}/memory.max`), `${1 << 20}`);
  kernel.put(`${leaf}/cpu.stat`, 'usage_usec 123456\nuser_usec 100000\nsystem_usec 23456\n');
  kernel.put(`${leaf}/memory.peak`, '4096\n');
  kernel.put(`${leaf}/memory.events`, 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n');
  t.deepEqual(stage.usage(), { cpuMs: 123.456, peakMemoryBytes: 4096, oomKills: 2 });
});

test('what this kernel does not count is absent', async (t) => {
  const kernel = await machineV2(t);
  t.deepEqual(open(kernel).addStage({}).usage(), { oomKills: 0 });
});

test('groups of dead agents are removed, those of living ones stay', async (t) => {
  const kernel = await machineV2(t);
  kernel.group(`${unit}/splitmesh-old-5/stage-1`);
  kernel.group(`${unit}/splitmesh-old-5`);
  kernel.group(`${unit}/splitmesh-other-6`);
  kernel.group(`${unit}/somebody-else-7`);
  open(kernel, { alive: [6] });
  t.deepEqual(kernel.folders(unit).sort(), ['somebody-else-7', `splitmesh-pi-${PID}`, 'splitmesh-other-6'].sort());
});

test('the group of a dead agent that still holds a process is removed when this agent ends, if it is empty by then', async (t) => {
  const kernel = await machineV2(t);
  kernel.group(`${unit}/splitmesh-pi-9`);
  kernel.group(`${unit}/splitmesh-pi-9/stage-1`, { processes: '10' });
  const group = open(kernel);
  t.deepEqual(kernel.folders(unit), ['splitmesh-pi-77', 'splitmesh-pi-9']);
  kernel.put(`${unit}/splitmesh-pi-9/stage-1/cgroup.procs`, '');
  group.close();
  t.deepEqual(kernel.folders(unit), []);
});

test('started by hand, in a group shared with a shell, root uses the top of the hierarchy', async (t) => {
  const kernel = await machineV2(t);
  kernel.put('/proc/self/cgroup', '0::/user.slice/session\n');
  kernel.group('/sys/fs/cgroup/user.slice', { handedDown: 'cpu memory' });
  // The shell stays behind when the agent leaves.
  kernel.group('/sys/fs/cgroup/user.slice/session', { processes: '12' });
  const group = open(kernel);
  t.is(kernel.read(`/sys/fs/cgroup/splitmesh-pi-${PID}/agent/cgroup.procs`), `${PID}`);
  t.deepEqual(kernel.folders('/sys/fs/cgroup/user.slice/session'), []);
  group.close();
  t.false(existsSync(join(kernel.root, `/sys/fs/cgroup/splitmesh-pi-${PID}`)));
  t.is(kernel.read('/sys/fs/cgroup/cgroup.subtree_control'), 'cpu memory', 'what others need is not taken back');
});

test('without permission the agent refuses limits and says how to get it', async (t) => {
  const kernel = await machineV2(t);
  const denied = detectHierarchies(kernel);
  kernel.makeFolder = () => {
    throw new Error("EACCES: permission denied, mkdir '/sys/fs/cgroup/…'");
  };
  const error = t.throws(
    () => openDeviceGroup({ hierarchies: denied, name: 'pi', pid: PID, limits: { cpuQuotaCores: 1 }, isAlive: () => false }),
    { instanceOf: MeshError },
  );
  t.is(error?.code, 'denied');
  t.regex(error?.message ?? '', /EACCES/);
  t.regex(error?.hint ?? '', /Delegate=yes/);
});

test('without cgroups the agent says that there are none', (t) => {
  const error = t.throws(() => openDeviceGroup({ hierarchies: [], name: 'pi', pid: PID, limits: {}, isAlive: () => false }), {
    instanceOf: MeshError,
  });
  t.regex(error?.message ?? '', /no cgroup hierarchy/);
});
