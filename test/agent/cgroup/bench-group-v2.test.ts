import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { machineV2, openOn, PID, unit } from './fake-machine.ts';

const device = `${unit}/splitmesh-pi-${PID}`;
const leaf = `${device}/bench-1`;
const ALL = 'cpu memory pids cpuset io';

test('each limit has its file, and its controller is handed down', async (t) => {
  const kernel = await machineV2(t, ALL);
  const asked = { cpuQuotaCores: 0.5, memoryLimitBytes: 1 << 28, memoryHighBytes: 1 << 27, swapBytes: 1 << 26, cpus: '0-1,3', pids: 40 };
  const bench = openOn(kernel, {}).addBench(asked);
  t.is(bench.version, 'v2');
  t.deepEqual(bench.limits, asked);
  t.deepEqual(bench.warnings, []);
  t.deepEqual(bench.procsFiles, [`${leaf}/cgroup.procs`]);
  const files = ['cpu.max', 'memory.max', 'memory.high', 'memory.swap.max', 'cpuset.cpus', 'pids.max'];
  t.deepEqual(
    files.map((file) => kernel.read(`${leaf}/${file}`)),
    ['5000 10000', `${1 << 28}`, `${1 << 27}`, `${1 << 26}`, '0-1,3', '40'],
  );
  t.deepEqual(kernel.read(`${device}/cgroup.subtree_control`).split(' ').sort(), ALL.split(' ').sort());
});

test('all that was handed down is taken back', async (t) => {
  const kernel = await machineV2(t, ALL);
  const group = openOn(kernel, {});
  t.true(group.addBench({ pids: 40 }).remove());
  t.true(group.addBench({ cpus: '2' }).remove());
  group.close();
  t.is(kernel.read(`${unit}/cgroup.subtree_control`), '');
  t.deepEqual(kernel.folders(unit), []);
});

test('memory without swap means no swap, and a device with a limit of memory has none for anybody', async (t) => {
  const kernel = await machineV2(t);
  t.deepEqual(openOn(kernel, {}).addBench({ memoryLimitBytes: 1 << 28 }).limits, { memoryLimitBytes: 1 << 28, swapBytes: 0 });
  t.is(kernel.read(`${leaf}/memory.swap.max`), '0');
  const limited = openOn(await machineV2(t), { memoryLimitBytes: 1 << 29 });
  const bench = limited.addBench({ memoryLimitBytes: 1 << 28, swapBytes: 1 << 20 });
  t.is(bench.limits.swapBytes, 0);
  t.regex(bench.warnings.join(), /1 MiB of swap were asked for/);
});

test('a kernel that does not account for swap: swap is refused, and without it is warned', async (t) => {
  const kernel = await machineV2(t);
  const group = openOn(kernel, {});
  const read = kernel.read.bind(kernel);
  kernel.read = (path) => {
    if (path.endsWith('memory.swap.max')) throw new Error('ENOENT');
    return read(path);
  };
  const error = t.throws(() => group.addBench({ memoryLimitBytes: 1 << 28, swapBytes: 4096 }), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.regex(error?.message ?? '', /account for swap/);
  t.deepEqual(kernel.folders(device), ['agent']);
  t.regex(group.addBench({ memoryLimitBytes: 1 << 28 }).warnings.join(), /account for swap/);
});

for (const [limit, controller] of [
  [{ cpus: '0' }, 'cpuset'],
  [{ pids: 3 }, 'pids'],
] as const) {
  test(`without the ${controller} controller its limit is refused, and nothing is left`, async (t) => {
    const kernel = await machineV2(t, 'cpu memory');
    const group = openOn(kernel, {});
    const error = t.throws(() => group.addBench(limit), { instanceOf: MeshError });
    t.is(error?.code, 'denied');
    t.regex(error?.message ?? '', new RegExp(`${controller} controller`));
    t.regex(error?.hint ?? '', /Delegate=yes/);
    t.deepEqual(kernel.folders(device), ['agent']);
    t.notThrows(() => group.addBench({ cpuQuotaCores: 1 }));
  });
}

test('CPUs that the kernel takes but does not give are refused', async (t) => {
  const group = openOn(await machineV2(t, ALL), {});
  const error = t.throws(() => group.addBench({ cpus: '3-4' }), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.regex(error?.message ?? '', /3-4.*0-3/);
});

test('all that this kernel counts is read; the rest is absent', async (t) => {
  const kernel = await machineV2(t, ALL);
  const bench = openOn(kernel, {}).addBench({});
  t.deepEqual(bench.read(), { oomKills: 0 });
  kernel.put(`${leaf}/cpu.stat`, 'usage_usec 3000\nuser_usec 2000\nsystem_usec 1000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 5000\n');
  kernel.put(`${leaf}/memory.current`, '9000\n');
  kernel.put(`${leaf}/memory.peak`, '9500\n');
  kernel.put(`${leaf}/memory.swap.current`, '70\n');
  kernel.put(`${leaf}/memory.events`, 'low 0\noom 1\noom_kill 1\noom_group_kill 0\n');
  kernel.put(`${leaf}/memory.stat`, 'anon 1000\nfile 4000\nkernel 500\nslab 300\nslab_reclaimable 200\nshmem 30\npgmajfault 6\n');
  kernel.put(`${leaf}/cpu.pressure`, 'some avg10=0.00 avg60=0.00 avg300=0.00 total=4000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n');
  kernel.put(
    `${leaf}/memory.pressure`,
    'some avg10=1.00 avg60=0.00 avg300=0.00 total=2000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n',
  );
  kernel.put(
    `${leaf}/io.pressure`,
    'some avg10=0.00 avg60=0.00 avg300=0.00 total=7000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=6000\n',
  );
  kernel.put(`${leaf}/io.stat`, '254:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n7:1 rbytes=5 wbytes=7 rios=1 wios=1\n');
  t.deepEqual(bench.read(), {
    cpuMs: 3,
    cpuUserMs: 2,
    cpuSystemMs: 1,
    quotaPeriods: 9,
    throttledPeriods: 4,
    throttledMs: 5,
    unreclaimableBytes: 1330,
    totalBytes: 9000,
    peakMemoryBytes: 9500,
    swapBytes: 70,
    majorFaults: 6,
    oomKills: 1,
    cpuStalledMs: 4,
    memoryStalledSomeMs: 2,
    memoryStalledFullMs: 1,
    ioStalledFullMs: 6,
    readBytes: 15,
    writtenBytes: 27,
  });
  kernel.put(`${leaf}/memory.stat`, 'anon 1000\nkernel_stack 10\npagetables 20\npercpu 1\nslab 300\nslab_reclaimable 200\n');
  t.is(bench.read().unreclaimableBytes, 1131, 'before Linux 5.18');
});

test('killing: the kernel does it where it can, and a quota does not hold up dying', async (t) => {
  const kernel = await machineV2(t, ALL);
  const bench = openOn(kernel, {}, () => t.fail('the kernel does it')).addBench({ cpuQuotaCores: 0.01 });
  kernel.put(`${leaf}/cgroup.kill`, '');
  kernel.put(`${leaf}/cgroup.procs`, '500\n501\n');
  t.deepEqual(bench.processes(), [500, 501]);
  bench.kill();
  t.deepEqual(bench.processes(), []);
  t.is(kernel.read(`${leaf}/cpu.max`), 'max');
});

test('killing, before Linux 5.14: one by one while they are frozen, and those that came meanwhile', async (t) => {
  const kernel = await machineV2(t, ALL);
  const killed: number[] = [];
  const bench = openOn(kernel, {}, (pid) => {
    t.is(kernel.read(`${leaf}/cgroup.freeze`), '1');
    killed.push(pid);
    kernel.put(`${leaf}/cgroup.procs`, killed.length < 3 ? '502\n' : '');
  }).addBench({});
  kernel.put(`${leaf}/cgroup.procs`, '500\n501\n');
  bench.kill();
  t.deepEqual(killed, [500, 501, 502]);
  t.is(kernel.read(`${leaf}/cgroup.freeze`), '0');
});
