import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { exposition } from '../../../agent/metrics/exposition.ts';
import type { Family } from '../../../agent/metrics/family.ts';
import { machineFamilies } from '../../../agent/metrics/machine.ts';
import { machineWith, putFiles } from '../../helpers/machine-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const files = {
  '/proc/stat': 'cpu  30 0 10 400 0 0 0 0 0 0\ncpu0 10 1 2 300 4 5 6 7 8 9\ncpu1 20 0 8 100 0 0 0\nintr 1 2 3\n',
  '/proc/meminfo': 'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n',
  '/proc/loadavg': '0.52 0.58 0.59 1/467 12345\n',
  '/proc/sys/kernel/ostype': 'Linux\n',
  '/proc/sys/kernel/osrelease': '6.1.0\n',
  '/proc/sys/kernel/hostname': 'pi "4"\n',
  '/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': '1500000\n',
  '/sys/devices/system/cpu/cpufreq/policy0': 'x',
};

function samplesOf(families: readonly Family[], name: string): Family['samples'] {
  return families.find((family) => family.name === name)!.samples;
}

test('CPU time is what the kernel has counted, per CPU and mode, in seconds', async (t) => {
  const families = machineFamilies(await machineWith(t, files), '/tmp', 'aarch64');
  const seconds = samplesOf(families, 'node_cpu_seconds_total');
  t.deepEqual(
    seconds.filter(({ labels }) => labels.cpu === '0').map(({ labels, value }) => [labels.mode, value]),
    [
      ['user', 0.1],
      ['nice', 0.01],
      ['system', 0.02],
      ['idle', 3],
      ['iowait', 0.04],
      ['irq', 0.05],
      ['softirq', 0.06],
      ['steal', 0.07],
    ],
  );
  // An old kernel knows fewer modes.
  t.deepEqual(seconds.filter(({ labels }) => labels.cpu === '1').length, 7);
});

test('memory, load, frequency and the kernel', async (t) => {
  const families = machineFamilies(await machineWith(t, files), '/tmp', 'aarch64');
  t.is(samplesOf(families, 'node_memory_MemTotal_bytes')[0]!.value, 1_024_000);
  t.is(samplesOf(families, 'node_memory_MemAvailable_bytes')[0]!.value, 256_000);
  t.is(samplesOf(families, 'node_load1')[0]!.value, 0.52);
  t.deepEqual(samplesOf(families, 'node_cpu_scaling_frequency_hertz'), [{ labels: { cpu: '1' }, value: 1.5e9 }]);
  t.like(samplesOf(families, 'node_uname_info')[0]!.labels, { sysname: 'Linux', release: '6.1.0', nodename: 'pi "4"', machine: 'aarch64' });
});

test('the file system is that of the deepest mount above the data folder, the later of two on one place', async (t) => {
  const data = await tempFolder(t);
  const above = data.slice(0, data.lastIndexOf('/'));
  const mountinfo = [
    '1 0 8:1 / / rw - ext4 /dev/root rw',
    `2 1 8:2 / ${above} rw - ext4 /dev/first rw`,
    `3 1 8:3 / ${above} rw - xfs /dev/second rw`,
    `4 1 8:4 / ${data}-not rw - tmpfs tmpfs rw`,
  ].join('\n');
  const families = machineFamilies(await machineWith(t, { '/proc/self/mountinfo': mountinfo }), data, 'x86_64');
  const [size] = samplesOf(families, 'node_filesystem_size_bytes');
  t.deepEqual(size!.labels, { device: '/dev/second', fstype: 'xfs', mountpoint: above });
  t.true(samplesOf(families, 'node_filesystem_avail_bytes')[0]!.value <= size!.value);
});

test('what a machine does not tell, or tells as nonsense, is absent', async (t) => {
  const root = await machineWith(t, {});
  const told = (families: readonly Family[]): string[] => families.filter(({ samples }) => samples.length > 0).map(({ name }) => name);
  t.deepEqual(told(machineFamilies(root, `${root}/none`, 'x86_64')), ['node_uname_info']);
  await putFiles(root, { '/proc/stat': 'cpu0 a b c\ncpux 1\ncpu1 -5', '/proc/meminfo': 'MemTotal: lots\n', '/proc/loadavg': 'high' });
  t.deepEqual(told(machineFamilies(root, `${root}/none`, 'x86_64')), ['node_uname_info']);
});

test('whatever stands in /proc, each line of the text is a name, labels and a number', async (t) => {
  const root = await machineWith(t, {});
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (stat, hostname) => {
      await putFiles(root, { '/proc/stat': `cpu0 ${stat}`, '/proc/loadavg': stat, '/proc/sys/kernel/hostname': hostname });
      const { text } = await exposition(machineFamilies(root, root, 'x86_64'));
      for (const line of text.split('\n')) t.regex(line, /^(#.*|[a-z0-9A-Z_]+(\{([a-z]+="([^"\\\n]|\\.)*",?)*\})? [-+.0-9e]+|)$/);
    }),
    { numRuns: 100 },
  );
});

test("this machine's own CPU time grows as its /proc/stat says", (t) => {
  const families = machineFamilies('/', '/tmp', 'x86_64');
  const idle = samplesOf(families, 'node_cpu_seconds_total').filter(({ labels }) => labels.mode === 'idle');
  t.is(idle.length, readFileSync('/proc/stat', 'utf8').match(/^cpu\d/gm)!.length);
  t.true(idle.every(({ value }) => value > 0));
});
