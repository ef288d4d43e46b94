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

test.serial('exit codes: 2 for what can not be asked, 1 when there is no room; error and hint on stderr, nothing on stdout', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const file = await devicesFile(mesh);
  for (const [args, code, error, hint] of [
    [[], 2, /the model is missing/, /controller plan resnet --devices lab\.json/],
    [['lennet', '--devices', file], 2, /there is no model "lennet"/, /did you mean lenet/],
    [['lenet', '--devices', file, '--memory', '60MiB'], 1, /no pipeline of lenet fits/, /every stage needs 64 MiB besides/],
  ] as const) {
    const result = await mesh.runController(['plan', ...args]);
    t.is(result.code, code);
    t.is(result.stdout, '');
    t.regex(result.stderr, new RegExp(`^controller: error: .*${error.source}`, 'm'));
    t.regex(result.stderr, new RegExp(`^controller: hint: .*${hint.source}`, 'm'));
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

test.serial(
  'without --devices the mesh is measured: a plan as --json, its file carried out; runs that measured are listed as one',
  async (t) => {
    const mesh = await startMesh(t, { nats: false });
    const out = join(mesh.folder, 'plan.json');
    const data = ['--data', join(mesh.folder, 'data')];
    const report = await plan(mesh, 'lenet', '--compare', 'single', '--out', out, ...data);
    t.true(report.devices.length >= 2);
    t.true(report.devices.every((name) => /^local\d$/.test(name)));
    t.is(report.compared.length, 1);
    const carriedOut = await run(mesh, '--split', 'lenet', '--plan', out, '--frames', '10', ...data);
    t.true(carriedOut.verify.passed);
    const listed = JSON.parse((await mesh.runController(['runs', '--json', ...data])).stdout) as { status: string; model: string }[];
    t.deepEqual(
      listed.map(({ status, model }) => [status, model]),
      [
        ['done', 'lenet'],
        ['done', 'lenet'],
      ],
    );
  },
);

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
