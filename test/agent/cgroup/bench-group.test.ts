import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { listGroups } from '../../helpers/cgroup-leaks.ts';
import { deviceGroupMissing, realDevice, startInGroup } from '../../helpers/device-group.ts';
import { needs } from '../../helpers/privileges.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const MIB = 2 ** 20;
const real = needs(test.serial, deviceGroupMissing());
const withPids = needs(test.serial, deviceGroupMissing('pids'));
const withCpuset = needs(test.serial, deviceGroupMissing('cpuset'));

const burn = (seconds: number): string[] => ['timeout', `${seconds}`, 'sh', '-c', 'while :; do :; done'];
/** tail keeps what it reads, because no line ends. */
const hold = (mebibytes: number): string[] => ['sh', '-c', `head -c ${mebibytes}M /dev/zero | tail | wc -c`];

real('a process that needs twice the memory of its group is killed, and the group says so', async (t) => {
  const bench = realDevice(t).group.addBench({ memoryLimitBytes: 64 * MIB });
  t.like(bench.limits, { memoryLimitBytes: 64 * MIB, swapBytes: 0 });
  await startInGroup(t, bench, hold(128)).exit;
  const reading = bench.read();
  t.is(reading.oomKills, 1);
  t.true(reading.peakMemoryBytes! > 63 * MIB && reading.peakMemoryBytes! <= 64 * MIB, `${reading.peakMemoryBytes}`);
  t.true(bench.remove());
});

real('what a process holds is seen while it holds it', async (t) => {
  const bench = realDevice(t).group.addBench({ memoryLimitBytes: 256 * MIB });
  const holding = startInGroup(t, bench, ['sh', '-c', '{ head -c 64M /dev/zero; sleep 600; } | tail']);
  const { unreclaimableBytes, totalBytes } = await waitUntil('64 MiB are held', () => {
    const reading = bench.read();
    return reading.unreclaimableBytes! >= 64 * MIB && reading;
  });
  t.true(unreclaimableBytes! < 80 * MIB && totalBytes! >= 64 * MIB, `${unreclaimableBytes} of ${totalBytes}`);
  bench.kill();
  await holding.exit;
  t.true(bench.remove());
});

real('a quarter of a core is a quarter of a second in each', async (t) => {
  const bench = realDevice(t).group.addBench({ cpuQuotaCores: 0.25 });
  const startedMs = performance.now();
  await startInGroup(t, bench, burn(1)).exit;
  const allowedMs = (performance.now() - startedMs) * 0.25;
  const { cpuMs, cpuUserMs, cpuSystemMs, quotaPeriods, throttledPeriods, throttledMs } = bench.read();
  // That it gets all of it needs a machine of its own: test/system/bench-limits.alone.test.ts.
  t.true(cpuMs! <= 1.15 * allowedMs && cpuMs! > 0.3 * allowedMs, `${cpuMs} ms of ${allowedMs} ms`);
  t.true(throttledPeriods! > 0 && throttledPeriods! <= quotaPeriods! && throttledMs! > 0);
  t.true(Math.abs(cpuUserMs! + cpuSystemMs! - cpuMs!) <= 20);
  t.true(bench.remove());
});

real("without limits of its own a run has the device's", async (t) => {
  const { group } = realDevice(t, { cpuQuotaCores: 0.25, memoryLimitBytes: 128 * MIB });
  const bench = group.addBench({});
  t.deepEqual(bench.limits, { cpuQuotaCores: 0.25, memoryLimitBytes: 128 * MIB, swapBytes: 0 });
  t.deepEqual(bench.warnings, []);
  await startInGroup(t, bench, burn(0.3)).exit;
  t.true(bench.read().throttledPeriods! > 0);
  const larger = group.addBench({ cpuQuotaCores: 8, memoryLimitBytes: 2 ** 40, swapBytes: MIB });
  t.deepEqual(larger.limits, bench.limits);
  t.is(larger.warnings.length, 3);
  t.true(bench.remove() && larger.remove());
});

real("a run that has all of the device's quota does not keep the device from counting it over another period", (t) => {
  const { group } = realDevice(t, { cpuQuotaCores: 0.12345 });
  const bench = group.addBench({});
  const stage = group.addStage({}, 300);
  t.true(stage.remove() && bench.remove());
});

withPids('no more processes than allowed: the next is refused', async (t) => {
  const bench = realDevice(t).group.addBench({ pids: 3 });
  const forking = startInGroup(t, bench, ['sh', '-c', 'for n in 1 2 3 4 5; do sleep 600 & done; wait']);
  t.regex((await forking.line(/fork/))[0], /fork/);
  t.true(bench.processes().length <= 3);
  bench.kill();
  await forking.exit;
  t.true(bench.remove());
});

withCpuset('a run computes on the CPUs it is given', async (t) => {
  const last = availableParallelism() - 1;
  const bench = realDevice(t).group.addBench({ cpus: `${last}` });
  const asked = startInGroup(t, bench, ['grep', 'Cpus_allowed_list', '/proc/self/status']);
  await asked.exit;
  t.is(asked.stdout.text.trim(), `Cpus_allowed_list:\t${last}`);
  t.true(bench.remove());
});

withCpuset('CPUs that are not there are refused, and nothing is left', (t) => {
  const { group, folder } = realDevice(t);
  const error = t.throws(() => group.addBench({ cpus: '0,4000' }), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.deepEqual(
    listGroups().filter((path) => path.includes(`${folder}/bench`)),
    [],
  );
});

withPids('killing ends also a process that left its parent and its session, and nothing is left of the groups', async (t) => {
  const { group, folder } = realDevice(t);
  const bench = group.addBench({ cpuQuotaCores: 0.1, pids: 50 });
  const tree = startInGroup(t, bench, ['sh', '-c', '(setsid sh -c "trap : TERM; sleep 600 & wait; sleep 600" &) ; sleep 600']);
  await waitUntil('the tree is there', () => bench.processes().length === 4);
  bench.kill();
  t.deepEqual(bench.processes(), []);
  t.deepEqual(await tree.exit, { code: null, signal: 'SIGKILL' });
  t.true(bench.remove());
  t.true(listGroups().some((path) => path.endsWith(folder)));
  group.close();
  t.deepEqual(
    listGroups().filter((path) => path.includes(folder)),
    [],
  );
});

real('a process that made a group of its own below is counted, killed and cleared away like the others', async (t) => {
  const bench = realDevice(t).group.addBench({ cpuQuotaCores: 1 });
  const own = bench.procsFiles.find((file) => file.includes('/memory/')) ?? bench.procsFiles[0]!;
  const script = 'mkdir "$0" && echo $$ > "$0/cgroup.procs" && exec sleep 600';
  const hidden = startInGroup(t, bench, ['sh', '-c', script, join(dirname(own), 'inner')]);
  const inner = join(dirname(own), 'inner', 'cgroup.procs');
  await waitUntil('it is in there', () => existsSync(inner) && readFileSync(inner, 'utf8').trim() === `${hidden.pid}`);
  t.deepEqual(bench.processes(), [hidden.pid]);
  bench.kill();
  t.deepEqual(await hidden.exit, { code: null, signal: 'SIGKILL' });
  t.true(bench.remove());
});

withPids('a run that forks without end is killed', async (t) => {
  const bench = realDevice(t).group.addBench({ pids: 200, cpuQuotaCores: 1 });
  const bomb = startInGroup(t, bench, ['sh', '-c', 'f() { while :; do (f) & :; done; }; f 2>/dev/null']);
  await waitUntil('there are many', () => bench.processes().length > 100);
  bench.kill();
  t.deepEqual(bench.processes(), []);
  await bomb.exit;
  t.true(bench.remove());
});
