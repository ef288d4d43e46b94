import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import type { RunReport } from '../../controller/report/run-report.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { run as runWith } from './run-report.ts';

/** A cache of this test's own: what another has measured must not be known here. */
const ownCache = (mesh: Mesh) => ({ XDG_CACHE_HOME: join(mesh.folder, 'cache') });
const measuredFiles = async (mesh: Mesh, kind: 'times' | 'links'): Promise<string[]> => {
  const folder = join(mesh.folder, 'cache', 'splitmesh');
  return (await readdir(folder)).filter((name) => name.startsWith(`${kind}-`)).map((name) => join(folder, name));
};

function auto(mesh: Mesh, ...more: string[]): Promise<RunReport> {
  const data = ['--data', join(mesh.folder, 'data')];
  return runWith({ mesh, env: ownCache(mesh) }, '--split', 'lenet@auto', '--frames', '30', ...data, ...more);
}

interface Stored {
  readonly run: string;
  readonly status: string;
}

/** The runs made for the sake of this one, by what follows its name; of all runs when no name is given. */
function below(mesh: Mesh, parent?: string): readonly Stored[] {
  const path = join(mesh.folder, 'data', 'runs.sqlite');
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    // Its controller may just have made the file.
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'run'").get() === undefined) return [];
    const rows = database.prepare('SELECT run, parent, status FROM run ORDER BY started_ms, run').all() as unknown as (Stored & {
      readonly parent: string | null;
    })[];
    return rows
      .filter((row) => row.parent !== null && (parent === undefined || row.parent === parent))
      .map((row) => ({ run: row.run.slice(row.parent!.length + 1), status: row.status }));
  } finally {
    database.close();
  }
}

const kinds = (stored: readonly Stored[]): string[] => stored.map(({ run }) => run.replace(/\d+$/, ''));

test.serial('the best plan is found by measuring and carried out; the next time what was measured is known', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const first = await auto(mesh);
  t.true(first.verify.passed);
  t.is(first.frames.received, 30);
  t.like(first.foretold, { objective: 'throughput' });
  t.true(first.foretold!.throughputFps > 0 && first.foretold!.latencyMs > 0);
  t.true(first.stages.every(({ device }) => /^local[1-4]$/.test(device)));
  const measured = below(mesh, first.run);
  t.true(kinds(measured).includes('segments'), kinds(measured).join(' '));
  t.true(measured.every(({ status }) => status === 'done'));
  t.is(kinds(measured).filter((kind) => kind === 'trial').length, first.foretold!.trials);
  t.is((await measuredFiles(mesh, 'times')).length, 1, 'devices of one machine are of one class');
  t.is((await measuredFiles(mesh, 'links')).length, 1);

  const second = await auto(mesh);
  t.true(second.verify.passed);
  t.false(kinds(below(mesh, second.run)).includes('segments'), 'they are known');
  t.is(kinds(below(mesh, second.run)).filter((kind) => kind === 'trial').length, second.foretold!.trials);

  // `runs` lists each once, with the stages that were carried out.
  const { stdout } = await mesh.runController(['runs', '--data', join(mesh.folder, 'data')]);
  for (const { run, plan } of [first, second]) {
    const stages = new Set(plan.stages.map(({ id, replicaOf }) => replicaOf ?? id));
    t.regex(stdout, new RegExp(`^${run} .* lenet +${stages.size} +30 `, 'm'));
  }
  t.is(stdout.trim().split('\n').length, 3);
});

test.serial('--objective latency: one frame after the other', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const report = await auto(mesh, '--objective', 'latency');
  t.like(report.foretold, { objective: 'latency' });
  t.is(report.window, 1);
  t.is(new Set(report.stages.map(({ id }) => id)).size, report.stages.length);
  t.true(
    report.stages.every(({ frames }) => frames === 30),
    'no turns: they make no frame faster',
  );
});

test.serial('--on: the devices of the plan are of these; times of a device are kept, whatever the mesh', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa' }, { name: 'pb' }, { name: 'pc' }] });
  const report = await auto(mesh, '--on', 'pb');
  t.deepEqual(
    report.stages.map(({ device }) => device),
    ['pb'],
  );
  t.is(report.plan.stages[0]!.layers, '1-7');
  const both = await auto(mesh, '--on', 'pb,pc');
  t.true(both.stages.every(({ device }) => device === 'pb' || device === 'pc'));
  t.false(kinds(below(mesh, both.run)).includes('segments'), 'pc is a device like pb');
});

test.serial('when no plan has room, that is said with what there is', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa', memory: '60MiB' }] });
  const { code, stdout, stderr } = await mesh.runController(['run', '--split', 'lenet@auto', '--json'], { env: ownCache(mesh) });
  t.is(code, 1);
  t.is(stdout, '');
  t.regex(stderr, /^controller: error: no plan of lenet fits into the memory of pa 60 MiB$/m);
  t.regex(stderr, /^controller: hint: every stage needs 64 MiB besides its weights; /m);
  t.deepEqual(mesh.agent('pa').stages(), []);
});

test.serial('Ctrl-C while segments are measured: an end without a result, and nothing is left behind', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const args = ['run', '--split', 'lenet@auto', '--json', '--data', join(mesh.folder, 'data')];
  const controller = mesh.startController(args, { env: ownCache(mesh) });
  await waitUntil('segments are measured', () => below(mesh).length > 0, 60_000);
  controller.signal('SIGINT');
  const { code } = await controller.exit;
  t.is(code, 1);
  t.is(controller.stdout.text, '');
  t.regex(controller.stderr.text, /^controller: error: interrupted$/m);
  const stored = below(mesh);
  t.deepEqual(kinds(stored), ['segments']);
  t.true(stored.every(({ status }) => status !== 'done'));
});
