import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isAbandoned, RunRecords } from '../../controller/detached/run-records.ts';
import { NpyReader } from '../../controller/run/npy-reader.ts';
import { connectNats } from '../../mesh/bus/nats.ts';
import { NatsRegistry } from '../../mesh/bus/nats-registry.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import type { RunRecord } from '../../mesh/run-order.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { descendants, isAlive, type ProcessInfo } from '../helpers/proc.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { writeModelFile } from './run-models.ts';

interface Report {
  readonly frames: { readonly sent: number; readonly received: number; readonly lost: number; readonly duplicated: number };
  readonly verify: { readonly compared: number; readonly passed: boolean };
}

/** Agents that lend the test's folder. */
async function meshOf(t: ExecutionContext, ...names: string[]): Promise<Mesh> {
  const mesh = await startMesh(t);
  const bus = await connectNats({ url: mesh.nats!.url, clientName: 'test', onError: () => {} });
  t.teardown(() => bus.close());
  connections.set(mesh, new RunRecords(new NatsRegistry(() => bus.connection, subjectsOf('default').runsBucket)));
  await Promise.all(names.map((name) => mesh.addAgent({ name, args: ['--run-folder', mesh.folder] })));
  return mesh;
}

/** Starts a detached run of a small model and returns its name. */
async function detach(mesh: Mesh, ...args: string[]): Promise<string> {
  const model = await writeModelFile(mesh.folder, 'chain');
  const { code, stderr, json } = await mesh.runController(['run', '--detach', '--json', '--split', `${model}@layer1`, ...args]);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}`);
  return (json() as { run: string }).run;
}

const connections = new WeakMap<Mesh, RunRecords>();

/** Asked without a controller, which takes a second to start. */
function recordsOf(mesh: Mesh): RunRecords {
  return connections.get(mesh)!;
}

async function recordOf(mesh: Mesh, run: string): Promise<RunRecord> {
  return (await recordsOf(mesh).find(run)).record;
}

/** The process of the run that this agent keeps. */
function runProcess(mesh: Mesh, agent: string): ProcessInfo {
  const found = descendants(mesh.agent(agent).pid).find(({ command }) => command.includes(' hosted '));
  if (found === undefined) throw new Error(`${agent} keeps no run`);
  return found;
}

/** The same frames through the same model, with nothing happening. */
async function undisturbed(t: ExecutionContext, mesh: Mesh, on: string, frames: number): Promise<Buffer> {
  const split = `${join(mesh.folder, 'chain.onnx')}@layer1`;
  const plain = join(mesh.folder, 'plain.npy');
  const { code, stderr } = await mesh.runController([
    'run',
    '--split',
    split,
    '--on',
    on,
    '--frames',
    `${frames}`,
    '--verify',
    'off',
    '--output',
    plain,
  ]);
  t.is(code, 0, stderr);
  return await readFile(plain);
}

async function committed(mesh: Mesh, run: string, frames: number): Promise<RunRecord> {
  return await waitUntil(
    `${frames} frames are committed`,
    async () => {
      const record = await recordOf(mesh, run);
      return record.next >= frames ? record : undefined;
    },
    30_000,
  );
}

test.serial('a run that is detached goes on by itself; attach prints its report, outputs what came out', async (t) => {
  const mesh = await meshOf(t, 'pa', 'pb');
  const run = await detach(mesh, '--on', 'pa,pb', '--frames', '60', '--output', 'stream');
  const { code, json, stderr } = await mesh.runController(['attach', run, '--json']);
  t.is(code, 0, stderr);
  const { frames, verify } = json() as Report;
  t.deepEqual([frames.received, frames.lost, frames.duplicated], [60, 0, 0]);
  t.true(verify.passed && verify.compared === 3);
  const status = await mesh.runController(['status', run, '--json']);
  t.like((status.json() as object[])[0], { run, state: 'done', next: 60, frames: 60, error: null });
  const file = join(mesh.folder, 'out.npy');
  const read = await mesh.runController(['outputs', run, '--output', file, '--remove']);
  t.is(read.code, 0, read.stderr);
  t.regex(read.stdout, /60 frames/);
  t.deepEqual(await readFile(file), await undisturbed(t, mesh, 'pa,pb', 60));
  const forgotten = await mesh.runController(['stop', run, '--forget']);
  t.is(forgotten.stdout, `run ${run} is over: done after 60 frames; it is forgotten\n`);
  const unknown = await mesh.runController(['attach', run]);
  t.is(unknown.code, 1);
  t.regex(unknown.stderr, /no detached run is known in this mesh/);
});

test.serial('neither the end of the shell nor of the process ends a run: its file is that of an undisturbed one', async (t) => {
  const mesh = await meshOf(t, 'pa', 'pb');
  const model = await writeModelFile(mesh.folder, 'chain');
  const split = ['--split', `${model}@layer1`, '--on', 'pa,pb', '--frames', '200', '--rate', '50', '--verify', '3'];
  const shell = mesh.startController(['run', '--detach', ...split, '--output', 'pa:out.npy']);
  await waitUntil(
    'the run has a process',
    () => descendants(mesh.agent('pa').pid).some(({ command }) => command.includes(' hosted ')),
    30_000,
  );
  await shell.kill('SIGKILL');
  const run = await waitUntil(
    'the run is known',
    async () => {
      const [only] = await recordsOf(mesh).list();
      return only?.record.order.run;
    },
    20_000,
  );
  await committed(mesh, run, 20);
  process.kill(runProcess(mesh, 'pa').pid, 'SIGKILL');
  const { code, json, stderr } = await mesh.runController(['attach', run, '--json']);
  t.is(code, 0, stderr);
  const { frames, verify } = json() as Report;
  t.deepEqual([frames.received, frames.lost, frames.duplicated], [200, 0, 0]);
  // What the process found that was killed.
  t.is(verify.compared, 3);
  const { term, epoch } = await recordOf(mesh, run);
  t.is(term, 2);
  t.true(epoch > 1000);
  t.deepEqual(await readFile(join(mesh.folder, 'out.npy')), await undisturbed(t, mesh, 'pa,pb', 200));
  t.deepEqual(await readdir(join(mesh.agent('pa').dataFolder, 'runs')), []);
});

test.serial('another controller takes a run over whose device is gone: each frame is in the stream once, in order', async (t) => {
  const mesh = await meshOf(t, 'pa', 'pb', 'pc');
  const run = await detach(mesh, '--at', 'pa', '--on', 'pb,pc', '--frames', '600', '--rate', '60', '--output', 'stream', '--verify', 'off');
  await committed(mesh, run, 20);
  await mesh.agent('pa').process.kill();
  const early = await mesh.runController(['attach', run, '--take-over']);
  t.is(early.code, 1);
  t.regex(early.stderr, /lives: its process on pa was heard of/);
  await waitUntil('it is known to be silent', async () => isAbandoned(await recordsOf(mesh).find(run)), 30_000);
  const { code, json, stderr } = await mesh.runController(['attach', run, '--take-over', '--at', 'pb', '--json']);
  t.is(code, 0, stderr);
  const { frames } = json() as Report;
  t.deepEqual([frames.received, frames.lost, frames.duplicated], [600, 0, 0]);
  t.is((await recordOf(mesh, run)).device, 'pb');
  const file = join(mesh.folder, 'out.npy');
  t.is((await mesh.runController(['outputs', run, '--output', file])).code, 0);
  t.deepEqual(await readFile(file), await undisturbed(t, mesh, 'pb,pc', 600));
  // The device comes back, remembers the run, and finds it in other hands.
  await mesh.agent('pa').start();
  await waitUntil('it has forgotten the run', async () => (await readdir(join(mesh.agent('pa').dataFolder, 'runs'))).length === 0, 20_000);
});

test.serial('an agent that is started again goes on with its runs; stop leaves nothing but the outputs so far', async (t) => {
  const mesh = await meshOf(t, 'pa', 'pb');
  const run = await detach(mesh, '--on', 'pb,pb', '--frames', '100000000', '--rate', '50', '--verify', 'off', '--output', 'pa:out.npy');
  const before = await committed(mesh, run, 10);
  await mesh.agent('pa').process.kill();
  await mesh.agent('pa').start();
  const after = await waitUntil(
    'it goes on',
    async () => {
      const record = await recordOf(mesh, run);
      return record.term > before.term && record.next > before.next ? record : undefined;
    },
    30_000,
  );
  const { pid } = runProcess(mesh, 'pa');
  const stop = await mesh.runController(['stop', run]);
  t.is(stop.code, 0, stop.stderr);
  t.is((await recordOf(mesh, run)).state, 'stopped');
  t.false(isAlive(pid));
  t.deepEqual(mesh.agent('pb').stages(), []);
  t.deepEqual(await readdir(join(mesh.agent('pa').dataFolder, 'runs')), []);
  const reader = await NpyReader.open(join(mesh.folder, 'out.npy'));
  t.true(BigInt(reader.count) >= after.next);
  await reader.close();
  t.deepEqual(
    (await readdir(mesh.folder)).filter((name) => name.includes('.npy')),
    ['out.npy'],
  );
});

test.serial('what is wrong is said before the shell has gone', async (t) => {
  const mesh = await meshOf(t, 'pa');
  const model = await writeModelFile(mesh.folder, 'chain');
  const split = ['run', '--detach', '--split', model];
  const outside = await mesh.runController([...split, '--output', '/etc/out.npy']);
  t.is(outside.code, 1);
  t.regex(outside.stderr, /the folder that this agent lends to runs/);
  const missing = await mesh.runController([...split, '--input', 'nothing.npy']);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /nothing\.npy.*there is no such file/);
  const foreground = await mesh.runController([...split, '--report', mesh.folder]);
  t.is(foreground.code, 2);
  t.regex(foreground.stderr, /--report is for a run in the foreground/);
});
