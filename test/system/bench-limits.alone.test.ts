/** Limits of benchmark runs are really in force. On a machine of its own: a quota is kept to what the machine has to give. */
import process from 'node:process';
import test from 'ava';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { needs } from '../helpers/privileges.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, { agents: [{ name: 'lab', args: ['--allow-commands'] }] });
const limited = needs(test.serial, cgroupMissing());

async function bench(...args: readonly string[]): Promise<BenchRecord> {
  const { json, stdout, stderr } = await shared.mesh.runController(['bench', 'run', '--on', 'lab', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  return json() as BenchRecord;
}

const BUSY = 'const end = Date.now() + 2500; while (Date.now() < end);';

for (const quota of [0.2, 0.5, 0.8]) {
  limited(`a quota of ${quota} cores is kept within 5 %`, async (t) => {
    const { use, outcome } = await bench('--cpu', String(quota), '--', process.execPath, '-e', BUSY);
    t.is(outcome.kind, 'ok');
    const share = use.cpuMs! / use.wallMs!;
    t.true(Math.abs(share / quota - 1) <= 0.05, `${share} of ${quota}`);
    t.true(use.throttledPeriods! > 0.5 * use.quotaPeriods!);
  });
}

limited('memory is capped: whatever a program takes, the kernel counts no more than the limit', async (t) => {
  const greedy = 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 20, 1));';
  for (const mebibytes of [48, 96]) {
    const { use, outcome } = await bench('--memory', `${mebibytes}MiB`, '--', process.execPath, '-e', greedy);
    t.is(outcome.kind, 'out-of-memory');
    t.true(use.peakMemoryBytes! <= mebibytes * 2 ** 20 && use.peakMemoryBytes! > 0.95 * mebibytes * 2 ** 20);
  }
});

limited('a program is pinned to the CPUs that were named, and starts no more processes than it may', async (t) => {
  const pinned = await bench('--cpus', '0', '--', '/bin/sh', '-c', `grep -q '^Cpus_allowed_list:.0$' /proc/self/status`);
  t.is(pinned.outcome.kind, 'ok');
  const forks = await bench('--pids', '3', '--', '/bin/sh', '-c', 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait');
  t.not(forks.outcome.kind, 'ok');
  t.regex(forks.lastWords, /fork/i);
});
