/** Collections on real agents of this machine: two weak devices, two small models; stopped and gone on with; read by other programs. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Sample } from '../../controller/profiler/sample.ts';
import { ProfileStore } from '../../controller/store/profile-store.ts';
import { cgroupMissing } from '../helpers/cgroup.ts';
import { needs } from '../helpers/privileges.ts';
import { listProcesses } from '../helpers/proc.ts';
import { shareMesh } from './shared-mesh.ts';

const shared = shareMesh(test, { nats: false });
const limited = needs(test.serial, cgroupMissing());

const QUICK = ['--models', 'lenet,mlp', '--segments', '1', '--kernels', '0', '--batches', '2'];
const data = (): string[] => ['--data', join(shared.mesh.folder, 'data')];
const collect = (...args: readonly string[]): string[] => ['profile', 'collect', ...data(), ...args];

async function samplesOf(filter: Parameters<ProfileStore['samples']>[0]): Promise<readonly Sample[]> {
  await using store = await ProfileStore.open(join(shared.mesh.folder, 'data'));
  return await store.samples(filter);
}

async function listed(t: ExecutionContext) {
  const { code, json, stderr } = await shared.mesh.runController(['profile', 'list', '--json', ...data()]);
  t.is(code, 0, stderr);
  return json() as { name: string; status: string | null; device: string; samples: Record<string, number> }[];
}

limited('two devices in turns, under load and without: every sample says where and what it was', async (t) => {
  const { mesh } = shared;
  const { code, stderr, json } = await mesh.runController(
    collect(...QUICK, '--emulate', 'q1=1,q05=0.5', '--iterations', '1', '--load', '0,50%', '--json'),
  );
  t.is(code, 0, stderr);
  const { collection, measured, failed } = json() as { collection: string; measured: number; failed: number };
  // Of each device and load: six probes twice, two models, a segment of each.
  t.deepEqual({ measured, failed }, { measured: 2 * 2 * (12 + 4), failed: 0 });
  const samples = await samplesOf({ run: collection });
  t.is(samples.length, measured);
  for (const { circumstance, time, state, subject, kernels } of samples) {
    t.is(circumstance.quotaCores, circumstance.device === 'q1' ? 1 : 0.5);
    t.is(circumstance.threads, 1);
    // Half of the batches where other tests take the time.
    t.true([1, 2].includes(time.batches.length) && time.probes!.length === time.batches.length);
    t.true(time.count >= 1 && time.ms > 0);
    t.true(state.ageMs! >= 0 && state.cpuBusyPercent! >= 0 && state.memoryUsedPercent! > 0 && state.diskUsedPercent! > 0);
    t.regex(subject.sha256, /^[0-9a-f]{64}$/);
    t.is(kernels === undefined, (circumstance.load?.cores ?? 0) > 0, 'kernels are timed without load');
  }
  t.is(new Set(samples.map(({ circumstance }) => circumstance.deviceKey)).size, 2);
  const lenet = samples.find(({ subject }) => subject.kind === 'model' && subject.model === 'lenet')!;
  t.like(lenet.subject, {
    family: 'lenet',
    inputBytes: 4096,
    outputBytes: 40,
    characteristics: { convLayers: 2, totalParameters: 61_706 },
  });
  t.is(samples.filter(({ circumstance }) => circumstance.load?.duty === 0.5).length, measured / 2);
  t.deepEqual(
    (await listed(t)).map(({ status, device, samples: counts }) => [status, device, counts]),
    [
      ['done', 'q05', { model: 4, segment: 4, probe: 24 }],
      ['done', 'q1', { model: 4, segment: 4, probe: 24 }],
    ],
  );
});

limited('Ctrl-C keeps what was measured, and --resume measures the rest and nothing twice', async (t) => {
  const { mesh } = shared;
  const running = mesh.startController(collect(...QUICK, '--emulate', 'q1=1', '--iterations', '3'));
  // The second turn has begun: all of the first is there.
  await running.stderr.find((line) => (/16 of 48/.test(line) ? true : undefined));
  running.signal('SIGINT');
  t.is((await running.exit).code, 1);
  const { name, status } = (await listed(t))[0]!;
  t.is(status, 'cancelled');
  const before = await samplesOf({ run: name });
  t.true(before.length >= 16 && before.length < 48, `${before.length}`);

  const refused = await mesh.runController(collect('--resume', name, '--iterations', '9'));
  t.is(refused.code, 2);
  t.regex(refused.stderr, /--iterations can't be changed/);
  const { code, stderr, json } = await mesh.runController(collect('--resume', 'last', '--json'));
  t.is(code, 0, stderr);
  t.like(json(), { collection: name, measured: 48, failed: 0 });
  const after = await samplesOf({ run: name });
  t.is(after.length, 48);
  for (const sample of before) t.true(after.some(({ atMs, subject }) => atMs === sample.atMs && subject.part === sample.subject.part));
  const identity = ({ subject, execution }: Sample): string => [subject.kind, subject.model, subject.part, execution].join(' ');
  t.is(new Set(after.map(identity)).size, 48);
  t.is((await listed(t))[0]!.status, 'done');
  t.false(listProcesses().some(({ command }) => command.includes('bench/load/main')));
});

test.serial('the exported table is read by the csv module of Python', async (t) => {
  const { mesh } = shared;
  const path = join(mesh.folder, 'samples.csv');
  const { code, stderr } = await mesh.runController(['profile', 'export', '--csv', path, ...data()]);
  t.is(code, 0, stderr);
  const script = `import csv, json, sys
with open(sys.argv[1], newline='') as file: print(json.dumps(list(csv.DictReader(file))))`;
  const rows = JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' })) as Record<string, string>[];
  t.is(rows.length, (await samplesOf({ kinds: ['model'] })).length);
  for (const row of rows) {
    t.is(Object.keys(row).length, 17);
    t.regex(row.execution_time!, /^00:00:\d\d\.\d{6}$/);
  }
});

test.serial('what can not be is a usage error', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--devices', 'a'], /names devices of a mesh/],
    [['--emulate', 'q1'], /NAME=CORES/],
    [['--load', 'much'], /no load/],
    [['--models', 'resnet19'], /no model "resnet19"/],
    [['--resume', 'nothing'], /no collection "nothing"/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await shared.mesh.runController(collect(...args));
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  }
});

limited('runs and benchmarks leave samples without being asked', async (t) => {
  const { mesh } = shared;
  const run = await mesh.runController([
    'run',
    '--split',
    'lenet@layer2',
    '--frames',
    '10',
    '--codec',
    'blosc2',
    '--verify',
    'off',
    ...data(),
  ]);
  t.is(run.code, 0, run.stderr);
  const bench = await mesh.runController(['bench', 'run', '--model', 'lenet', '--duration', '0.1', '--cpu', '0.5', ...data()]);
  t.is(bench.code, 0, bench.stderr);
  const stages = await samplesOf({ sources: ['run'], kinds: ['stage'] });
  t.deepEqual(
    stages.map(({ subject, time }) => [subject.model, subject.part, time.count]),
    [
      ['lenet', '1-2', 10],
      ['lenet', '3-7', 10],
    ],
  );
  for (const { kernels, kernelsSeen, subject } of stages) {
    t.is(kernels, undefined);
    t.true(kernelsSeen!.length > 0);
    t.regex(subject.sha256, /^[0-9a-f]{64}$/);
  }
  const codecs = await samplesOf({ sources: ['run'], kinds: ['codec'] });
  t.deepEqual(new Set(codecs.map(({ subject }) => `${subject.model} ${subject.part}`)), new Set(['blosc2 encode', 'blosc2 decode']));
  const [measured] = await samplesOf({ sources: ['bench'] });
  t.like(measured, { subject: { kind: 'model', model: 'lenet' }, circumstance: { quotaCores: 0.5, load: { cores: 0, duty: 0 } } });
});
