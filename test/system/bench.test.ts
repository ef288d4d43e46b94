/** Benchmark runs on real agents: what comes of them, what is recorded, and that nothing of them is left. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { needs } from '../helpers/privileges.ts';
import { descendants, isAlive, listProcesses, type ProcessInfo } from '../helpers/proc.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, { agents: [{ name: 'lab', args: ['--allow-commands'] }, { name: 'closed' }] });
const limited = needs(test.serial, cgroupMissing());
const MIB = 2 ** 20;

interface Ran {
  readonly code: number | null;
  readonly record: BenchRecord;
  readonly stderr: string;
}

async function bench(args: readonly string[], on = 'lab'): Promise<Ran> {
  const data = join(shared.mesh.folder, 'data');
  const { code, stderr, stdout, json } = await shared.mesh.runController(['bench', 'run', '--on', on, '--data', data, '--json', ...args]);
  if (stdout === '') throw new Error(`no record: ${stderr}`);
  return { code, record: json() as BenchRecord, stderr };
}

const script = (text: string): string[] => ['--', process.execPath, '-e', text];

test.serial('inference: figures of the load, what it used, on what', async (t) => {
  const { code, record } = await bench(['--model', 'lenet', '--duration', '0.5', '--threads', '1', '--seed', '3']);
  t.is(code, 0);
  const { outcome, load, use, environment, phases, series } = record;
  t.deepEqual(outcome, { kind: 'ok' });
  t.true(load!.queries >= 64);
  t.deepEqual(load!.invalid, []);
  t.true(load!.latencyMs!.percentiles[50]! > 0 && load!.estimateMs! >= load!.latencyMs!.percentiles[90]!);
  t.deepEqual(
    phases.map(({ name }) => name),
    ['load', 'warm-up', 'measure'],
  );
  t.true(use.wallMs! >= 500 && use.cpuMs! > 0 && use.treeHighWaterBytes! > 20 * MIB);
  t.true(series.length >= use.wallMs! / 100 / 2, 'samples, ten a second');
  t.is(environment.device.name, 'lab');
  t.is(environment.intraOpThreads, 1);
  t.regex(environment.kernel, /^\d+\./);
  const again = await shared.mesh.runController(['bench', 'show', record.run, '--data', join(shared.mesh.folder, 'data'), '--json']);
  t.deepEqual(again.json(), record as unknown);
});

for (const [scenario, ...args] of [
  ['multi-stream', '--samples', '4'],
  ['offline', '--samples', '2'],
  ['server', '--rate', '200', '--bound', '50', '--percentile', '90'],
] as const) {
  test.serial(`inference under the scenario ${scenario}`, async (t) => {
    const { record } = await bench(['--model', 'lenet', '--duration', '0.3', '--scenario', scenario, ...args]);
    t.is(record.outcome.kind, 'ok');
    t.is(record.load!.settings.scenario.kind, scenario);
    t.true(record.load!.samplesPerS > 0);
  });
}

test.serial('a model that the runtime refuses was never measured', async (t) => {
  const path = join(shared.mesh.folder, 'broken.onnx');
  const { code, stderr } = await shared.mesh.runController(['bench', 'run', '--on', 'lab', '--model', path]);
  t.is(code, 2);
  t.regex(stderr, /broken\.onnx/);
});

test.serial('a command: its metrics, its own folder, a clean environment, the files that came along', async (t) => {
  const helper = join(shared.mesh.folder, 'helper.mjs');
  await writeFile(
    helper,
    `import { readdirSync } from 'node:fs';
     console.log(JSON.stringify({ metric: 'files', value: readdirSync('.').length, labels: { env: Object.keys(process.env).sort().join(' ') } }));
     console.log('{"metric": "bad", "value": null}');
     console.error('some words');`,
  );
  const { record, stderr } = await bench(['--with', helper, '--env', 'EXTRA=1', '--', process.execPath, 'helper.mjs']);
  t.deepEqual(record.outcome, { kind: 'ok' });
  t.like(record.metrics, {
    0: { name: 'files', value: 1, labels: { env: 'EXTRA HOME LANG PATH PWD SPLITMESH_BENCH SPLITMESH_METRICS TMPDIR' } },
    length: 1,
  });
  t.is(record.metricsLost, 1);
  t.regex(stderr, /line 2 of its standard output was refused as a metric: "value" of bad is no finite number/);
  t.is(record.lastWords, 'some words');
  t.is(record.environment.env.EXTRA, '1');
  t.is(record.environment.env.HOME, record.environment.workingFolder);
});

test.serial('arguments of a command are words: no shell looks into them', async (t) => {
  const { record } = await bench([
    '--',
    process.execPath,
    '-e',
    'console.log(JSON.stringify({ metric: "argv", value: 1, labels: { a: process.argv[1] } }))',
    '$(id); `id` > x',
  ]);
  t.is(record.metrics[0]!.labels.a, '$(id); `id` > x');
});

test.serial('an agent that was not told to allow commands runs none, and says so before it is its turn', async (t) => {
  const { code, stderr, stdout } = await shared.mesh.runController(['bench', 'run', '--on', 'closed', '--', 'true']);
  t.deepEqual([code, stdout], [1, '']);
  t.regex(stderr, /error: this agent runs no commands of others\n.*--allow-commands/);
});

test.serial('a program that is not there is named', async (t) => {
  const { code, stderr } = await shared.mesh.runController(['bench', 'run', '--on', 'lab', '--', 'no-such-program']);
  t.is(code, 1);
  t.regex(stderr, /there is no program no-such-program on this device/);
});

test.serial('how it ended is told apart: exit code, signal, deadline', async (t) => {
  t.deepEqual((await bench(script('process.exit(3)'))).record.outcome, { kind: 'crashed', code: 3 });
  t.deepEqual((await bench(script('process.kill(process.pid, "SIGSEGV")'))).record.outcome, { kind: 'crashed', signal: 'SIGSEGV' });
  const late = await bench(['--timeout', '0.5', ...script('setInterval(() => {}, 1000)')]);
  t.deepEqual(late.record.outcome, { kind: 'timed-out' });
  t.true(late.record.use.wallMs! < 3_000);
  t.is(late.code, 1);
});

limited('a program that takes more memory than its limit is killed for it, and its peak is the limit', async (t) => {
  const { record } = await bench(['--memory', '64MiB', ...script('const all = []; for (;;) all.push(Buffer.alloc(2 ** 20, 1));')]);
  t.deepEqual(record.outcome, { kind: 'out-of-memory' });
  t.is(record.limits.memoryLimitBytes, 64 * MIB);
  t.true(record.use.oomKills! >= 1);
  t.true(record.use.peakMemoryBytes! <= 64 * MIB);
  t.true(record.use.peakMemoryBytes! > 60 * MIB);
});

limited('a limit that the kernel can not keep is refused with the reason, and is a record all the same', async (t) => {
  const { record, code } = await bench(['--memory', '20KiB', '--', 'true']);
  t.is(code, 1);
  t.is(record.outcome.kind, 'refused');
  t.regex(record.outcome.kind === 'refused' ? record.outcome.why : '', /20 KiB .* the least is/);
});

test.serial('Ctrl-C ends all of it, also what had gone into a session of its own; what is measured next is not disturbed', async (t) => {
  const marker = `bench-${process.pid}-cancelled`;
  const spawning = `const { spawn } = require('node:child_process');
    const child = spawn('/bin/sh', ['-c', 'setsid sleep 1000 & exec sleep 1000', '${marker}'], { detached: true, stdio: 'ignore' });
    child.unref(); console.log('{"metric": "up", "value": 1}'); setInterval(() => {}, 1000);`;
  const controller = shared.mesh.startController(['bench', 'run', '--on', 'lab', ...script(spawning)]);
  await controller.stderr.find((line) => (line.includes('metric: up') ? true : undefined));
  const sleeping = (): number => listProcesses().filter(({ command }) => command === 'sleep 1000').length;
  await waitUntil('both children', () => sleeping() >= 2);
  controller.signal('SIGINT');
  t.is((await controller.exit).code, 1);
  await waitUntil('nobody is left', () => sleeping() === 0);
  t.deepEqual((await bench(['--', 'true'])).record.outcome, { kind: 'ok' });
});

test.serial('what a program leaves behind is ended with it, and said', async (t) => {
  const { record } = await bench(['--', '/bin/sh', '-c', 'setsid sleep 1001 & exit 0']);
  t.deepEqual(record.outcome, { kind: 'ok' });
  t.deepEqual(record.warnings, ['a process that it had left behind was killed']);
  t.false(listProcesses().some(({ command }) => command === 'sleep 1001'));
});

test.serial('without a control group it is found all the same', async (t) => {
  const { record } = await bench(['--no-limits', '--', '/bin/sh', '-c', 'setsid sleep 1002 & sleep 0.3']);
  t.deepEqual(record.outcome, { kind: 'ok' });
  t.is(record.environment.cgroup, undefined);
  t.deepEqual(record.warnings, ['a process that it had left behind was killed']);
  t.false(listProcesses().some(({ command }) => command === 'sleep 1002'));
  t.is(record.use.peakMemoryBytes, undefined);
  t.true(record.use.treeHighWaterBytes! > 0);
});

test.serial('runs have their turns; one that does not wait is refused; no stage comes beside one', async (t) => {
  const { mesh } = shared;
  const first = mesh.startController([
    'bench',
    'run',
    '--on',
    'lab',
    ...script('console.log(\'{"metric": "up", "value": 1}\'); setTimeout(() => {}, 60_000)'),
  ]);
  await first.stderr.find((line) => (line.includes('metric: up') ? true : undefined));
  const second = mesh.startController(['bench', 'run', '--on', 'lab', '--', 'true']);
  await second.stderr.find((line) => (/waiting: bench-.* is running, 1 ahead/.test(line) ? true : undefined));
  const refused = await mesh.runController(['bench', 'run', '--on', 'lab', '--refuse', '--', 'true']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /lab is busy: bench-.* is/);
  const stage = await mesh.runController(['run', '--split', 'lenet', '--on', 'lab', '--frames', '2']);
  t.is(stage.code, 1);
  t.regex(stage.stderr, /a benchmark runs on lab \(bench-.*\), which no stage may disturb/);
  first.signal('SIGINT');
  t.is((await first.exit).code, 1);
  t.is((await second.exit).code, 0);
  t.is((await mesh.runController(['run', '--split', 'lenet', '--on', 'lab', '--frames', '2'])).code, 0);
});

test.serial('a benchmark waits for stages to end', async (t) => {
  const { mesh } = shared;
  const run = mesh.startController(['run', '--split', 'lenet', '--on', 'lab', '--frames', '300', '--rate', '30', '--verify', 'off']);
  await waitUntil('a stage', () => mesh.agent('lab').stages().length > 0);
  const { record, stderr } = await bench(['--', 'true']);
  t.regex(stderr, /waiting: a stage is running/);
  t.is(record.environment.stages, 0);
  t.is((await run.exit).code, 0);
});

test.serial('a program that outlived its agent is ended by the next one', async (t) => {
  const { mesh } = shared;
  const run = mesh.startController(['bench', 'run', '--on', 'lab', '--', '/bin/sh', '-c', 'echo up; exec sleep 1003']);
  await run.stderr.find((line) => (line === 'program: up' ? true : undefined));
  const left = (): boolean => listProcesses().some(({ command }) => command === 'sleep 1003');
  await waitUntil('the program', left);
  await mesh.agent('lab').process.kill();
  t.is((await run.exit).code, 1);
  t.true(left());
  await mesh.agent('lab').start();
  t.false(left());
});

test.serial('an agent that is killed takes the run with it, and the controller says so', async (t) => {
  const { mesh } = shared;
  const run = mesh.startController(['bench', 'run', '--on', 'lab', '--model', 'lenet', '--duration', '60']);
  // Other tests have such processes, too.
  const own = (): readonly ProcessInfo[] =>
    descendants(mesh.agent('lab').pid).filter(({ command }) => command.includes('stage/bench/main'));
  await waitUntil('its process', () => own().length > 0);
  const [{ pid }] = own() as [ProcessInfo];
  await mesh.agent('lab').process.kill();
  t.is((await run.exit).code, 1);
  t.regex(run.stderr.text, /error: lab at .* can't be reached/);
  await waitUntil('nobody is left', () => !isAlive(pid));
  await mesh.agent('lab').start();
  t.is((await bench(['--', 'true'])).record.outcome.kind, 'ok');
});

test.serial('an agent that is asked to stop lets the present run end, and takes no other', async (t) => {
  const { mesh } = shared;
  const agent = mesh.agent('lab').process;
  const end = join(mesh.folder, 'end');
  const script = 'echo up; while [ ! -e "$0" ]; do sleep 0.1; done; echo down';
  const run = mesh.startController(['bench', 'run', '--on', 'lab', '--', '/bin/sh', '-c', script, end]);
  await run.stderr.find((line) => (line === 'program: up' ? true : undefined));
  const waiting = mesh.startController(['bench', 'run', '--on', 'lab', '--', 'true']);
  await waiting.stderr.find((line) => (line.includes('is running, 1 ahead') ? true : undefined));
  agent.signal('SIGTERM');
  t.is((await waiting.exit).code, 1);
  t.regex(waiting.stderr.text, /lab is draining and takes no new benchmarks/);
  await writeFile(end, '');
  t.is((await run.exit).code, 0);
  t.true(run.stderr.text.includes('program: down'));
  t.is((await agent.exit).code, 0);
  await mesh.agent('lab').start();
});

test.serial('an agent that has to stop at once ends the run first: nothing of it is left', async (t) => {
  const { mesh } = shared;
  const agent = mesh.agent('lab').process;
  const run = mesh.startController(['bench', 'run', '--on', 'lab', '--', '/bin/sh', '-c', 'echo up; exec sleep 1004']);
  await run.stderr.find((line) => (line === 'program: up' ? true : undefined));
  const stopping = (): number =>
    mesh
      .agent('lab')
      .logs()
      .filter(({ msg }) => msg.startsWith('stopping')).length;
  const before = stopping();
  agent.signal('SIGTERM');
  await waitUntil('it drains', () => stopping() > before);
  agent.signal('SIGTERM');
  t.is((await agent.exit).code, 0);
  t.is((await run.exit).code, 1);
  t.false(listProcesses().some(({ command }) => command === 'sleep 1004'));
  await mesh.agent('lab').start();
});
