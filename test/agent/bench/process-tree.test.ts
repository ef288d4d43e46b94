import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { killTree, processesOf, TreeMeter } from '../../../agent/bench/process-tree.ts';
import { machineWith, putFiles } from '../../helpers/machine-files.ts';
import { isAlive, processesWith } from '../../helpers/proc.ts';
import { startProcess, type TestProcess } from '../../helpers/processes.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const MIB = 2 ** 20;

interface Run extends TestProcess {
  readonly marker: string;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has just ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A shell script as the agent would start it. What it leaves behind is gone when the test ends. */
function startRun(t: ExecutionContext, script: string): Run {
  const run = randomUUID();
  const started = startProcess(t, ['sh', '-c', script], { env: { SPLITMESH_BENCH: run } });
  // Before the one of startProcess, which waits until nobody holds its output any more.
  t.teardown(() => {
    // Again and again: a shell may start its next program between the look and the kill.
    for (let left = processesWith('SPLITMESH_BENCH', run); left.length > 0; left = processesWith('SPLITMESH_BENCH', run)) {
      for (const { pid } of left) kill(pid);
    }
  });
  return Object.assign(started, { marker: `SPLITMESH_BENCH=${run}` });
}

test('descendants, and who left: all are found, and all are killed', async (t) => {
  const run = startRun(t, '(setsid sh -c "sleep 600 & sleep 600; :" &); sleep 600; :');
  const found = await waitUntil('five processes', () => {
    const pids = processesOf(run.pid, run.marker, '/');
    return pids.length === 5 && pids;
  });
  t.true(found.includes(run.pid) && !found.includes(process.pid));
  t.true(await killTree(run.pid, run.marker, '/'));
  t.false(found.some(isAlive));
  t.deepEqual(processesOf(run.pid, run.marker, '/'), []);
  t.true(await killTree(run.pid, run.marker, '/'), 'there is nobody to kill');
});

test('who left is found also when the first process has ended', async (t) => {
  const run = startRun(t, '(setsid sleep 600 > /dev/null 2>&1 &)');
  await run.exit;
  t.is(processesOf(run.pid, run.marker, '/').length, 1);
  t.true(await killTree(run.pid, run.marker, '/'));
});

test('a child that throws its environment away is found as long as it has its parent', async (t) => {
  const run = startRun(t, 'env -i sleep 600; :');
  await waitUntil('two processes', () => processesOf(run.pid, run.marker, '/').length === 2);
  t.true(await killTree(run.pid, run.marker, '/'));
});

test('who has ended and is only remembered by its parent does not live: nobody would wait for it in vain', async (t) => {
  const line = (pid: number, state: string, parent: number) => `${pid} (a) ${state} ${parent} 8 8 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0\n`;
  const root = await machineWith(t, { '/proc/8/stat': line(8, 'S', process.pid), '/proc/9/stat': line(9, 'Z', 8) });
  t.deepEqual(processesOf(8, 'A=1', root), [8]);
});

test('a process is not of the run because its number was once the first one', async (t) => {
  const line = (parent: number) => `8 (a) b) S ${parent} 8 8 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0\n`;
  const root = await machineWith(t, { '/proc/8/stat': line(1), '/proc/8/environ': 'A=1\0SPLITMESH_BENCH=xyz\0' });
  t.deepEqual(processesOf(8, 'SPLITMESH_BENCH=xy', root), []);
  t.deepEqual(processesOf(8, 'PLITMESH_BENCH=xyz', root), []);
  t.deepEqual(processesOf(8, 'SPLITMESH_BENCH=xyz', root), [8]);
  t.deepEqual(processesOf(8, 'A=1', root), [8]);
  t.deepEqual(processesOf(8, 'B=1', await machineWith(t, { '/proc/8/stat': line(process.pid) })), [8], 'we started it');
});

test('a stranger that got the number of a process of the run does not count', async (t) => {
  const stat = (started: number, ticks: number) => ({
    '/proc/8/stat': `8 (a) S 1 8 8 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${started} 0 0\n`,
  });
  const root = await machineWith(t, stat(77, 5));
  const meter = new TreeMeter(root);
  t.is(meter.read([8]).cpuMs, 50);
  await putFiles(root, stat(77, 6));
  t.is(meter.read([]).cpuMs, 60, 'it has ended, and nobody has waited for it yet');
  await putFiles(root, stat(99, 1000));
  t.is(meter.read([]).cpuMs, 60);
  t.false('readBytes' in meter.read([]), 'nobody told of IO');
});

test('CPU time counts of all of them, also when they have ended, and once', async (t) => {
  // Two that are waited for, one after the other, and one that nobody waits for.
  const burn = 'timeout 0.4 sh -c "while :; do :; done"';
  const run = startRun(t, `${burn}; (setsid ${burn} &); ${burn}; sleep 0.2; echo over; sleep 600`);
  const over = run.line(/over/);
  const meter = new TreeMeter('/');
  const seen: number[] = [];
  const look = () => seen.push(meter.read(processesOf(run.pid, run.marker, '/')).cpuMs);
  const looking = setInterval(look, 20);
  t.teardown(() => clearInterval(looking));
  await over;
  await killTree(run.pid, run.marker, '/');
  look();
  t.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  // Three times 0.4 s; more when something is counted twice, less where the machine is busy.
  t.true(seen.at(-1)! > 300 && seen.at(-1)! <= 1300, `${seen.at(-1)} ms`);
});

test('memory: what is resident falls, the high-water mark stays', async (t) => {
  const run = startRun(t, '{ head -c 64M /dev/zero; sleep 2; } | tail | wc -c; sleep 600');
  const meter = new TreeMeter('/');
  const read = () => meter.read(processesOf(run.pid, run.marker, '/'));
  await waitUntil('64 MiB are held', () => read().highWaterBytes >= 64 * MIB);
  const after = await waitUntil('they are given back', () => {
    const reading = read();
    return reading.residentBytes < 32 * MIB && reading;
  });
  t.true(after.highWaterBytes >= 64 * MIB && after.highWaterBytes < 128 * MIB);
});

test('IO counts', async (t) => {
  const folder = await tempFolder(t);
  const run = startRun(t, `dd if=/dev/zero of=${folder}/file bs=1M count=8 conv=fsync; sleep 600`);
  const meter = new TreeMeter('/');
  const { writtenBytes } = await waitUntil('8 MiB are written', () => {
    const reading = meter.read(processesOf(run.pid, run.marker, '/'));
    return (reading.writtenBytes ?? 0) >= 8 * MIB && reading;
  });
  t.true(writtenBytes! < 9 * MIB, `${writtenBytes}`);
});
