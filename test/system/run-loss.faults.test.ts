import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { descendants, isAlive } from '../helpers/proc.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { BrokenRun, lossesOf, unfaultedHash } from './broken-run.ts';
import { writeModelFile } from './run-models.ts';

/** The promise is 2 s on a machine that has time for it; a test machine shared by many gets more. */
const DEADLINE_MS = 8_000;

/** Of a run that ends. */
const FRAMES = 300;
/** Of an output of the chain. */
const FRAME_BYTES = 64;

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

test.serial('nothing is left to go on with: the run ends with the names of stage and device', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa' }] });
  const controller = await startEndlessRun(mesh, '--on', 'pa,pa,pa');
  await mesh.agent('pa').process.kill();
  const { code, stderr, tookMs } = await endOf(controller);
  t.is(code, 1);
  t.regex(stderr, /controller: error: stage1 and stage2 and stage3 on pa were lost: /);
  t.regex(stderr, /chain\.onnx can't go on without it: /);
  t.log(`${Math.round(tookMs)} ms`);
  t.true(tookMs < DEADLINE_MS);
  // The next agent removes the control groups that the killed one could not.
  await mesh.agent('pa').start();
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
  await mesh.agent('pa').process.kill();
  t.is((await endOf(controller)).code, 1);
  t.is(await readFile(old, 'utf8'), 'of an earlier run');
  t.deepEqual(
    (await readdir(mesh.folder)).filter((name) => name.includes('.npy')),
    ['endless.npy'],
  );
  await mesh.agent('pa').start();
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

test.serial('nats-server of the private mesh dies: frames go on, and it comes back', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const untouched = await unfaultedHash(mesh, model, FRAMES);
  const run = await BrokenRun.start({ mesh, split: `${model}@layer1,layer2`, frames: FRAMES, rate: 50 });
  const servers = () =>
    descendants(run.controller.pid).filter(({ command }) => command.includes('nats-server') && !command.includes('/bin/sh'));
  const [server] = servers();
  // One that ends within two seconds is not started again: it would do so for ever.
  await run.more(150 * FRAME_BYTES);
  process.kill(server!.pid, 'SIGKILL');
  await run.more(10 * FRAME_BYTES);
  await waitUntil('another nats-server is there', () => servers().some(({ pid }) => pid !== server!.pid));
  const { stderr } = await run.endsUntouched(t, FRAMES, untouched);
  t.deepEqual(lossesOf(stderr), []);
});
