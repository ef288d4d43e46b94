import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { descendants, isAlive } from '../helpers/proc.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { writeModelFile } from './run-models.ts';

/** The promise is 2 s on a machine that has time for it; a test machine shared by many gets more. */
const DEADLINE_MS = 8_000;

/** A run that would go on for hours, once frames flow. */
async function startEndlessRun(mesh: Mesh, ...args: string[]): Promise<TestProcess> {
  const model = await writeModelFile(mesh.folder, 'chain');
  const out = join(mesh.folder, 'endless.npy');
  const endless = ['run', '--split', `${model}@layer1,layer2`, '--frames', '100000000', '--rate', '50', '--verify', 'off', '--output', out];
  const controller = mesh.startController([...endless, ...args]);
  await waitUntil('frames flow', async () => (await writtenBeside(mesh)) > 1000, 60_000);
  return controller;
}

/** Bytes of the output, which lies beside its place until the run is complete. */
async function writtenBeside({ folder }: Mesh): Promise<number> {
  const [part] = (await readdir(folder)).filter((name) => /^endless\.npy\..*\.part$/.test(name));
  return part === undefined ? 0 : (await stat(join(folder, part))).size;
}

async function endOf(controller: TestProcess): Promise<{ code: number | null; stderr: string; tookMs: number }> {
  const startMs = performance.now();
  const { code } = await controller.exit;
  return { code, stderr: controller.stderr.text, tookMs: performance.now() - startMs };
}

const abc = { agents: [{ name: 'pa' }, { name: 'pb' }, { name: 'pc' }] };
const onAbc = ['--on', 'pa,pb,pc'];

test.serial('a stage that is killed ends the run with the names of stage and device', async (t) => {
  const mesh = await startMesh(t, abc);
  const controller = await startEndlessRun(mesh, ...onAbc);
  const [stage] = mesh.agent('pb').stages();
  process.kill(stage!.pid, 'SIGKILL');
  const { code, stderr, tookMs } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: stage2 on pb was lost: .*SIGKILL/);
  t.log(`${Math.round(tookMs)} ms`);
  t.true(tookMs < DEADLINE_MS);
  await waitUntil('no stage is left', () => mesh.agents.every((agent) => agent.stages().length === 0));
});

test.serial('an agent that is killed ends the run with the names of its stage and device', async (t) => {
  const mesh = await startMesh(t, abc);
  const controller = await startEndlessRun(mesh, ...onAbc);
  await mesh.agent('pc').process.kill();
  const { code, stderr, tookMs } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: stage3 on pc was lost/);
  t.log(`${Math.round(tookMs)} ms`);
  t.true(tookMs < DEADLINE_MS);
  // The next agent removes the control groups that the killed one could not.
  await mesh.agent('pc').start();
});

test.serial('a stage that hangs ends the run: its neighbours say which', async (t) => {
  const mesh = await startMesh(t, abc);
  const controller = await startEndlessRun(mesh, ...onAbc);
  const [stage] = mesh.agent('pa').stages();
  process.kill(stage!.pid, 'SIGSTOP');
  const { code, stderr, tookMs } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: stage1 on pa was lost/);
  t.log(`${Math.round(tookMs)} ms`);
  t.true(tookMs < DEADLINE_MS);
});

test.serial('an agent that hangs ends the run with its name', async (t) => {
  const mesh = await startMesh(t, abc);
  const controller = await startEndlessRun(mesh, ...onAbc);
  mesh.agent('pb').process.stop();
  const { code, stderr, tookMs } = await endOf(controller);
  mesh.agent('pb').process.continue();
  await waitUntil('its stage is retired', () => mesh.agent('pb').stages().length === 0, 30_000);
  t.is(code, 1);
  t.regex(stderr, /controller: error: stage2 on pb was lost/);
  t.log(`${Math.round(tookMs)} ms`);
  t.true(tookMs < DEADLINE_MS);
});

test.serial('Ctrl-C ends a run on a private mesh with nothing left behind', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const controller = await startEndlessRun(mesh);
  t.true(descendants(controller.pid).length > 3);
  controller.signal('SIGINT');
  const { code, stderr } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: interrupted/);
  // What is left is found when the test ends: processes, ports, files.
});

test.serial('a run that fails leaves the output that was there before, and nothing beside it', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa' }] });
  const old = join(mesh.folder, 'endless.npy');
  await writeFile(old, 'of an earlier run');
  const controller = await startEndlessRun(mesh, '--on', 'pa,pa,pa');
  const [stage] = mesh.agent('pa').stages();
  process.kill(stage!.pid, 'SIGKILL');
  t.is((await endOf(controller)).code, 1);
  t.is(await readFile(old, 'utf8'), 'of an earlier run');
  t.deepEqual(
    (await readdir(mesh.folder)).filter((name) => name.includes('.npy')),
    ['endless.npy'],
  );
});

test.serial('Ctrl-C while the mesh starts leaves nothing behind either', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const controller = mesh.startController(['run', '--split', 'lenet@layer2']);
  await waitUntil('children are there', () => descendants(controller.pid).length > 0, 30_000);
  controller.signal('SIGINT');
  t.is((await endOf(controller)).code, 1);
});

test.serial('a controller that is killed takes its private mesh with it', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const controller = await startEndlessRun(mesh);
  const children = descendants(controller.pid).map(({ pid }) => pid);
  t.true(children.length > 3);
  await controller.kill('SIGKILL');
  await waitUntil('the private mesh is gone', () => children.every((pid) => !isAlive(pid)), 15_000);
});

test.serial('a controller that is killed leaves no stage on the devices: leases end', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa' }] });
  const controller = await startEndlessRun(mesh, '--on', 'pa,pa,pa');
  t.true(mesh.agent('pa').stages().length >= 3);
  await controller.kill('SIGKILL');
  await waitUntil('the stages are retired', () => mesh.agent('pa').stages().length === 0, 30_000);
});

test.serial('nats-server of the private mesh dies: the run says so', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const controller = await startEndlessRun(mesh);
  const server = descendants(controller.pid).find(({ command }) => command.includes('nats-server') && !command.includes('/bin/sh'));
  process.kill(server!.pid, 'SIGKILL');
  const { code, stderr } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: nats-server ended/);
});
