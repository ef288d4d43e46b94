import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { machineV1, openOn, PID } from './fake-machine.ts';

const NEEDED = ['cpu', 'cpuacct', 'memory'];
const ALL = [...NEEDED, 'cpuset', 'pids', 'blkio', 'freezer'];
const at = (controller: string): string => `/sys/fs/cgroup/${controller}/splitmesh-pi-${PID}/bench-1`;

test('a run is in every hierarchy that it has a use for, its limits each in their own', async (t) => {
  const kernel = await machineV1(t, ALL);
  kernel.put('/sys/fs/cgroup/cpuset/cpuset.cpus', '0-3\n');
  kernel.put('/sys/fs/cgroup/cpuset/cpuset.mems', '0\n');
  const group = openOn(kernel, {});
  t.is(group.addStage({}).procsFiles.length, 3, 'a stage has no use for the others');
  const asked = { cpuQuotaCores: 0.5, memoryLimitBytes: 1 << 28, swapBytes: 1 << 20, cpus: '1', pids: 9 };
  const bench = group.addBench(asked);
  t.deepEqual(bench.limits, asked);
  t.deepEqual([...bench.procsFiles].sort(), ALL.map((controller) => `${at(controller)}/cgroup.procs`).sort());
  t.is(kernel.read(`${at('cpu')}/cpu.cfs_quota_us`), '5000');
  t.is(kernel.read(`${at('memory')}/memory.limit_in_bytes`), `${1 << 28}`);
  t.is(kernel.read(`${at('memory')}/memory.memsw.limit_in_bytes`), `${(1 << 28) + (1 << 20)}`);
  t.is(kernel.read(`${at('cpuset')}/cpuset.cpus`), '1');
  t.is(kernel.read(`${at('cpuset')}/cpuset.mems`), '0', 'without it no process may enter');
  t.is(kernel.read(`/sys/fs/cgroup/cpuset/splitmesh-pi-${PID}/cpuset.cpus`), '0-3');
  t.is(kernel.read(`${at('pids')}/pids.max`), '9');
  t.true(bench.remove());
  group.close();
  for (const controller of ALL) t.deepEqual(kernel.folders(`/sys/fs/cgroup/${controller}`), []);
});

test('memory.high has no equal: a warning', async (t) => {
  const bench = openOn(await machineV1(t, NEEDED), {}).addBench({ memoryHighBytes: 1 << 20 });
  t.false('memoryHighBytes' in bench.limits);
  t.regex(bench.warnings.join(), /1 MiB.*v1.*memory.high/);
});

test('a limit whose controller is not mounted is refused, and nothing is left', async (t) => {
  const kernel = await machineV1(t, NEEDED);
  const group = openOn(kernel, {});
  for (const limit of [{ cpus: '0' }, { pids: 3 }]) {
    const error = t.throws(() => group.addBench(limit), { instanceOf: MeshError });
    t.is(error?.code, 'denied');
    t.regex(error?.message ?? '', /controller is not mounted/);
    t.deepEqual(kernel.folders(`/sys/fs/cgroup/memory/splitmesh-pi-${PID}`), ['agent']);
  }
});

test('all that v1 counts is read; blkio without a disk does not say 0', async (t) => {
  const kernel = await machineV1(t, ALL);
  const bench = openOn(kernel, {}).addBench({});
  t.deepEqual(bench.read(), { oomKills: 0 });
  kernel.put(`${at('cpuacct')}/cpuacct.usage`, '1500000\n');
  kernel.put(`${at('cpuacct')}/cpuacct.stat`, 'user 2\nsystem 1\n');
  kernel.put(`${at('cpu')}/cpu.stat`, 'nr_periods 9\nnr_throttled 4\nthrottled_time 5000000\n');
  kernel.put(`${at('memory')}/memory.usage_in_bytes`, '9000\n');
  kernel.put(`${at('memory')}/memory.max_usage_in_bytes`, '9500\n');
  kernel.put(`${at('memory')}/memory.kmem.usage_in_bytes`, '100\n');
  kernel.put(`${at('memory')}/memory.stat`, 'rss 1\ntotal_rss 1000\ntotal_shmem 20\ntotal_swap 70\ntotal_pgmajfault 6\n');
  kernel.put(`${at('memory')}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n');
  kernel.put(`${at('blkio')}/blkio.throttle.io_service_bytes_recursive`, 'Total 0\n');
  const told = {
    cpuMs: 1.5,
    cpuUserMs: 20,
    cpuSystemMs: 10,
    quotaPeriods: 9,
    throttledPeriods: 4,
    throttledMs: 5,
    unreclaimableBytes: 1120,
    totalBytes: 9000,
    peakMemoryBytes: 9500,
    swapBytes: 70,
    majorFaults: 6,
    oomKills: 1,
  };
  t.deepEqual(bench.read(), told);
  kernel.put(
    `${at('blkio')}/blkio.throttle.io_service_bytes_recursive`,
    '254:0 Read 10\n254:0 Write 0\n254:0 Total 10\n7:1 Read 5\nTotal 15\n',
  );
  t.deepEqual(bench.read(), { ...told, readBytes: 15 });
});

test('v1 kills one by one while they are frozen', async (t) => {
  const kernel = await machineV1(t, ALL);
  const killed: number[] = [];
  const bench = openOn(kernel, {}, (pid) => {
    t.is(kernel.read(`${at('freezer')}/freezer.state`), 'FROZEN');
    killed.push(pid);
    kernel.put(`${at('memory')}/cgroup.procs`, '');
  }).addBench({});
  kernel.put(`${at('memory')}/cgroup.procs`, '500\n');
  bench.kill();
  t.deepEqual(killed, [500]);
  t.is(kernel.read(`${at('freezer')}/freezer.state`), 'THAWED');
});
