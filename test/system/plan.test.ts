import { readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { PlanReport } from '../../controller/plan/plan-report.ts';
import { parsePlanFile } from '../../controller/run/plan-file.ts';
import { strategies } from '../../controller/scheduler/pipeline/strategies/registry.ts';
import { violations } from '../controller/report/json-schema.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { run } from './run-report.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/schema/plan.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;

const LENET_LAYERS = 7;
/** The names of the devices of a private mesh. */
const two = {
  devices: [
    { name: 'local1', gmacPerS: 0.02, activeWatts: 2 },
    { name: 'local2', gmacPerS: 0.03, activeWatts: 5 },
  ],
  links: { mbitPerS: 10, latencyMs: 0.2 },
};
const links = { mbitPerS: 100 };

async function devicesFile(mesh: Mesh, value: unknown = two): Promise<string> {
  const path = join(mesh.folder, 'lab.json');
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

/** The report, which is as its schema says. Fails when the command does. */
async function plan(mesh: Mesh, ...args: string[]): Promise<PlanReport> {
  const result = await mesh.runController(['plan', '--json', ...args]);
  if (result.code !== 0) throw new Error(`controller plan ended with ${result.code}:\n${result.stderr}`);
  const report = result.json() as PlanReport;
  const wrong = violations(report, schema);
  if (wrong.length > 0) throw new Error(`the report is not as its schema says:\n${wrong.join('\n')}`);
  return report;
}

interface Wrong {
  readonly title: string;
  readonly devices?: unknown;
  readonly args: readonly string[];
  readonly code: number;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const cases: readonly Wrong[] = [
  { title: 'no model', args: ['--devices', 'FILE'], code: 2, message: /the model is missing/, hint: /controller plan MODEL --devices/ },
  { title: 'no --devices', args: ['lenet'], code: 2, message: /--devices is missing/, hint: /controller plan resnet --devices lab\.json/ },
  {
    title: 'a file that is not there',
    args: ['lenet', '--devices', './nowhere.json'],
    code: 2,
    message: /--devices: \.\/nowhere\.json can't be read/,
  },
  {
    title: 'a file that is no JSON',
    devices: '{"devices": [',
    args: ['lenet', '--devices', 'FILE'],
    code: 2,
    message: /lab\.json is no JSON/,
  },
  {
    title: 'a slip of the finger in the file',
    devices: { devices: [{ name: 'pi', gmacsPerS: 6 }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 2,
    message: /lab\.json: devices\[0\] has "gmacsPerS": expected "gmacPerS"/,
    hint: /controller plan --help/,
  },
  {
    title: 'times of another model only',
    devices: { devices: [{ name: 'pi', times: { resnet18: { '1-31': 80 } } }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 2,
    message: /nothing says how fast pi is with lenet: there are times of resnet18/,
    hint: /add "gmacPerS"/,
  },
  {
    title: 'times of layers that the model does not have',
    devices: { devices: [{ name: 'pi', times: { lenet: { '1-8': 80 } } }], links },
    args: ['lenet', '--devices', 'FILE'],
    code: 2,
    message: /times of lenet on pi: layers 1-8 are out of range: the model has layers 1 to 7/,
  },
  {
    title: 'an unknown model',
    args: ['lennet', '--devices', 'FILE'],
    code: 2,
    message: /there is no model "lennet"/,
    hint: /did you mean lenet/,
  },
  { title: 'no amount of memory', args: ['lenet', '--devices', 'FILE', '--memory', '5XB'], code: 2, message: /--memory: "5XB" is not an/ },
  {
    title: 'no room',
    args: ['lenet', '--devices', 'FILE', '--memory', '60MiB'],
    code: 1,
    message: /no pipeline of lenet fits into the memory of its devices: local1 60 MiB, local2 60 MiB/,
    hint: /all weights take [\d.]+ KiB, the largest layer [\d.]+ KiB; every stage needs 64 MiB besides/,
  },
  {
    title: 'an unknown objective',
    args: ['lenet', '--devices', 'FILE', '--objective', 'speed'],
    code: 2,
    message: /"speed" is not one of/,
  },
  {
    title: 'an unknown strategy',
    args: ['lenet', '--devices', 'FILE', '--compare', 'odd'],
    code: 2,
    message: /--compare: "odd" is not one/,
  },
  { title: 'no best plan', args: ['lenet', '--devices', 'FILE', '--top', '0'], code: 2, message: /--top: "0" is not a whole number/ },
  {
    title: 'a negative error',
    args: ['lenet', '--devices', 'FILE', '--error-budget', '-1'],
    code: 2,
    message: /--error-budget/,
  },
  {
    title: 'an --out where no file can be',
    args: ['lenet', '--devices', 'FILE', '--out', '/proc/nowhere/plan.json'],
    code: 1,
    message: /--out: \/proc\/nowhere\/plan\.json can't be written/,
  },
];

test.serial('each command line that can not be carried out is explained, with nothing on stdout', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  for (const { title, devices, args, code, message, hint } of cases) {
    const file = await devicesFile(mesh, devices);
    const result = await mesh.runController(['plan', ...args.map((arg) => (arg === 'FILE' ? file : arg))]);
    t.is(result.code, code, `${title}: ${result.stderr}`);
    t.is(result.stdout, '', title);
    t.regex(result.stderr, new RegExp(`^controller: error: .*${message.source}`, 'm'), title);
    if (hint !== undefined) t.regex(result.stderr, new RegExp(`^controller: hint: .*${hint.source}`, 'm'), title);
  }
});

test.serial('what is wanted is planned: each objective, the best three, all strategies, a limit of memory, no turns', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const file = ['--devices', await devicesFile(mesh)];
  const throughput = await plan(mesh, 'lenet', ...file, '--compare', 'all', '--top', '3');
  t.deepEqual(throughput.devices, ['local1', 'local2']);
  t.is(throughput.plans.length, 3, 'both devices, and each alone');
  t.true(throughput.bound.optimal);
  t.deepEqual(
    throughput.compared.map(({ name }) => name),
    strategies.map(({ name }) => name),
  );
  for (const { name, fits, ratio } of throughput.compared) if (fits) t.true(ratio! >= 1 - 1e-9, name);
  t.true(throughput.whatIf.length > 0);

  const latency = await plan(mesh, 'lenet', ...file, '--objective', 'latency');
  t.is(latency.plans[0]!.value, latency.plans[0]!.latencyMs);
  t.true(latency.plans[0]!.latencyMs <= throughput.plans[0]!.latencyMs);
  t.deepEqual(latency.compared, []);

  const energy = await plan(mesh, 'lenet', ...file, '--objective', 'energy');
  t.deepEqual(
    energy.plans[0]!.stages.flatMap(({ devices }) => devices.map(({ device }) => device)),
    ['local1'],
    'which takes less than half the power and is two thirds as fast',
  );

  const alone = await plan(mesh, 'lenet', ...file, '--no-replicate');
  t.true(alone.plans[0]!.stages.every(({ devices }) => devices.length === 1));
  t.true(alone.plans[0]!.value >= throughput.plans[0]!.value);
});

test.serial('for a person: tables, nothing on stderr, --out says how to carry it out; controller run does', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const out = join(mesh.folder, 'plan.json');
  const { code, stdout, stderr } = await mesh.runController(['plan', 'lenet', '--devices', await devicesFile(mesh), '--out', out]);
  t.is(code, 0);
  t.is(stderr, '');
  t.regex(stdout, /^lenet on 2 devices, for throughput: planned in /);
  t.true(stdout.endsWith(`\nto carry it out  controller run --split lenet --plan ${out}\n`));
  const stages = parsePlanFile(await readFile(out, 'utf8'), out, LENET_LAYERS);
  t.deepEqual(new Set(stages.flatMap(({ device, replicas }) => replicas?.devices ?? [device!])), new Set(['local1', 'local2']));

  const report = await run(mesh, '--split', 'lenet', '--plan', out, '--frames', '20');
  t.true(report.verify.passed);
  t.is(report.frames.received, 20);
  const shares = stages.flatMap(({ device, replicas }) => replicas?.devices ?? [device!]);
  t.deepEqual(
    report.stages.map(({ device }) => device),
    shares,
  );
  t.false('foretold' in report);
});

test.serial('a plan that fails writes no file; one with codecs says that the file has none', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const out = join(mesh.folder, 'plan.json');
  const tight = await mesh.runController(['plan', 'lenet', '--devices', await devicesFile(mesh), '--memory', '1MB', '--out', out]);
  t.is(tight.code, 1);
  await t.throwsAsync(stat(out), { code: 'ENOENT' });

  const coded = {
    devices: two.devices.map((device) => ({ ...device, gmacPerS: 1, layerMs: 0 })),
    links: { mbitPerS: 1 },
    source: 'local1',
    sink: 'local2',
    codecs: [{ name: 'tiny', ratio: 0.01, encodeMBPerS: 1e5, decodeMBPerS: 1e5 }],
  };
  const args = ['plan', 'lenet', '--devices', await devicesFile(mesh, coded), '--no-replicate', '--json', '--out', out];
  const result = await mesh.runController(args);
  t.is(result.code, 0);
  t.is((result.json() as PlanReport).plans[0]!.stages[0]!.codec, 'tiny');
  t.regex(result.stderr, /^controller: warning: a plan file says nothing about codecs; controller run --codec does, for all links$/m);
  t.is(parsePlanFile(await readFile(out, 'utf8'), out, LENET_LAYERS).length, 2);
});
