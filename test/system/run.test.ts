import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { NpyReader } from '../../controller/run/npy-reader.ts';
import { NpyWriter } from '../../controller/run/npy-writer.ts';
import { randomTensor } from '../../mesh/random-tensor.ts';
import { startMesh } from '../helpers/mesh-harness.ts';
import { writeExternalLenet, writeModelFile } from './run-models.ts';
import { run } from './run-report.ts';

test.serial('LeNet cut at layer 2 runs on a private mesh and computes what the whole model does', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const report = await run(mesh, '--split', 'lenet@layer2', '--frames', '20', '--verify', 'all');
  t.deepEqual(report.frames, { sent: 20, received: 20, lost: 0, duplicated: 0, outOfOrder: 0 });
  t.like(report.verify, { compared: 20, top1Agreement: 1, passed: true });
  t.deepEqual(
    report.plan.stages.map(({ id, device }) => ({ id, device })),
    [
      { id: 'stage1', device: 'local1' },
      { id: 'stage2', device: 'local2' },
    ],
  );
  // Everything was measured, of every frame.
  for (const stage of report.stages) t.true(stage.computeMs !== null && stage.computeMs.max > 0);
  for (const link of report.links) t.true(link.rawBytesPerFrame !== null && link.rawBytesPerFrame > 0);
});

test.serial('the table is for people, and says nothing on stderr without a terminal', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const { code, stdout, stderr } = await mesh.runController(['run', '--split', 'lenet@layer2', '--frames', '5']);
  t.is(code, 0);
  t.is(stderr, '');
  t.regex(stdout, /5 sent, 5 received, 0 lost, 0 duplicated, 0 out of order/);
  t.regex(stdout, /verified +yes: 3 frames/);
});

test.serial('no cut is one stage, and two cuts are three', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  t.is((await run(mesh, '--split', model, '--frames', '3')).plan.stages.length, 1);
  const three = await run(mesh, '--split', `${model}@layer1,layer2`, '--frames', '12');
  t.deepEqual(
    three.plan.stages.map((stage) => stage.layers),
    ['1', '2', '3'],
  );
  t.is(three.frames.received, 12);
});

test.serial('a cut that several tensors cross', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'residual');
  const report = await run(mesh, '--split', `${model}@layer2`, '--frames', '10', '--verify', 'all');
  const route = report.plan.routes.find(({ from, to }) => from === 'stage1' && to === 'stage2');
  t.deepEqual([...route!.tensors].sort(), ['a', 'b']);
  t.true(report.verify.passed);
});

test.serial('a model whose weights lie beside it computes what the same model in one file does', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const { path, weightBytes } = await writeExternalLenet(mesh.folder);
  t.true(weightBytes > 200_000 && (await readFile(path)).byteLength < 10_000);
  const outputs = await Promise.all(
    [`${path}@layer2`, 'lenet'].map(async (split, i) => {
      const out = join(mesh.folder, `${i}.npy`);
      const report = await run(mesh, '--split', split, '--frames', '4', '--verify', 'all', '--output', out);
      t.true(report.verify.passed);
      return readFile(out);
    }),
  );
  t.deepEqual(outputs[0], outputs[1]);
});

test.serial('a model with two inputs: each goes from the source to the stage that reads it', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'twoInputs');
  const report = await run(mesh, '--split', `${model}@layer1,layer2`, '--frames', '10', '--verify', 'all');
  t.deepEqual(
    report.plan.routes.filter(({ from }) => from === 'source').map(({ to, tensors }) => [to, ...tensors]),
    [
      ['stage1', 'left'],
      ['stage3', 'right'],
    ],
  );
  t.true(report.verify.passed);
});

test.serial('a model with two outputs: both arrive at the sink, one from the middle', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'twoOutputs');
  const out = join(mesh.folder, 'out.npy');
  const report = await run(mesh, '--split', `${model}@layer1`, '--frames', '6', '--verify', 'all', '--output', out);
  t.deepEqual(
    report.plan.routes.filter(({ to }) => to === 'sink').map(({ from, tensors }) => [from, ...tensors]),
    [
      ['stage1', 'early'],
      ['stage2', 'late'],
    ],
  );
  t.true(report.verify.passed);
  for (const name of ['early', 'late']) {
    await using reader = await NpyReader.open(join(mesh.folder, `out.${name}.npy`));
    t.deepEqual(reader.dims, [6, 4, 4]);
  }
});

test.serial('a diamond of four stages on four agents, planned by hand', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'diamond');
  const plan = join(mesh.folder, 'plan.json');
  const stages = { top: { layers: '1' }, left: { layers: '2' }, right: { layers: '3' }, bottom: { layers: '4' } };
  await writeFile(plan, JSON.stringify({ stages }));
  const report = await run(mesh, '--split', model, '--plan', plan, '--frames', '30', '--verify', 'all');
  t.is(new Set(report.plan.stages.map((stage) => stage.device)).size, 4);
  t.deepEqual(report.plan.routes.map(({ from, to }) => `${from}→${to}`).sort(), [
    'bottom→sink',
    'left→bottom',
    'right→bottom',
    'source→right',
    'source→top',
    'top→left',
    'top→right',
  ]);
  t.true(report.verify.passed);
  t.is(report.frames.received, 30);
});

for (const [where, options, named, other] of [
  ['a mesh that is there', { agents: [{ name: 'pa' }, { name: 'pb' }] }, 'pa', 'pb'],
  ['a private mesh', { nats: false }, 'local1', 'local2'],
] as const) {
  test.serial(`a plan that names devices for some stages leaves the others to any device of ${where}`, async (t) => {
    const mesh = await startMesh(t, options);
    const model = await writeModelFile(mesh.folder, 'chain');
    const plan = join(mesh.folder, 'plan.json');
    await writeFile(plan, JSON.stringify({ stages: { a: { layers: '1' }, b: { layers: '2-3', device: named } } }));
    const { plan: made } = await run(mesh, '--split', model, '--plan', plan, '--frames', '5');
    t.deepEqual(
      made.stages.map(({ device }) => device),
      [other, named],
    );
  });
}

test.serial('outputs of the split model are those of the whole one, for frames from a file', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'residual');
  const frames = join(mesh.folder, 'frames.npy');
  const writer = await NpyWriter.create(frames);
  for (let i = 0n; i < 7n; i += 1n) await writer.append(randomTensor({ name: 'x', dtype: 'float32', dims: [4, 4] }, 9, i, 0));
  await writer.close();
  const whole = join(mesh.folder, 'whole.npy');
  const split = join(mesh.folder, 'split.npy');
  t.is((await run(mesh, '--split', model, '--input', frames, '--output', whole)).frames.sent, 7);
  await run(mesh, '--split', `${model}@layer1,layer2`, '--input', frames, '--output', split);
  await using one = await NpyReader.open(whole);
  await using other = await NpyReader.open(split);
  t.deepEqual(one.dims, [7, 4, 4]);
  // Nothing is added up in another order here, so that the results are the same to the last bit.
  t.deepEqual(await other.all(), await one.all());
});

test.serial('open loop: frames come at the rate asked for', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const report = await run(mesh, '--split', `${model}@layer1`, '--frames', '20', '--rate', '50');
  t.is(report.rateFps, 50);
  t.true(report.elapsedMs >= 19 * 20);
  for (const frames of [1, 2, 4]) {
    const { throughputFps } = await run(mesh, '--split', model, '--frames', `${frames}`, '--rate', '20', '--verify', 'off');
    t.true(throughputFps !== null && throughputFps <= 20, `${frames} frames at ${throughputFps} per second`);
  }
});

test.serial('several stages on one device of a mesh that is there', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }, { name: 'pi2' }] });
  const report = await run(mesh, '--split', 'lenet@layer1,layer2', '--on', 'pi2,pi1,pi2', '--frames', '10');
  t.deepEqual(
    report.plan.stages.map((stage) => stage.device),
    ['pi2', 'pi1', 'pi2'],
  );
  t.true(report.verify.passed);
  // Nothing of the run is left on the devices.
  const { json } = await mesh.runController(['devices', '--json']);
  t.deepEqual(
    (json() as { stages: unknown[] }[]).map(({ stages }) => stages),
    [[], []],
  );
});

test.serial('what was run can be listed and shown again, also frame by frame', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const report = await run(mesh, '--split', `${model}@layer1`, '--frames', '5', '--report', join(mesh.folder, 'report'));
  const runs = (await mesh.runController(['runs', '--json'])).json() as { run: string; status: string }[];
  t.deepEqual(
    runs.map(({ run, status }) => [run, status]),
    [[report.run, 'done']],
  );
  t.like((await mesh.runController(['show', report.run, '--json'])).json(), { run: report.run, status: 'done', report });
  const { stdout } = await mesh.runController(['show', 'last', '--frames']);
  t.is(stdout.trim().split('\n').length, 6);
  t.regex((await mesh.runController(['show', 'last'])).stdout, /5 sent, 5 received/);
  t.deepEqual((await readdir(join(mesh.folder, 'report'))).sort(), ['frames.csv', 'report.html', 'report.json']);
  t.is(await readFile(join(mesh.folder, 'report', 'frames.csv'), 'utf8'), stdout);
});

test.serial('devices of a mesh are listed, and what they do not tell is unknown', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pi1' }, { name: 'pi2' }] });
  const { code, stdout } = await mesh.runController(['devices']);
  t.is(code, 0);
  t.regex(stdout, /^NAME +ADDRESS +ARCH +CORES/);
  t.regex(stdout, /^pi1 .*\npi2 /m);
  t.regex(stdout, /unknown/);
  const listed = (await mesh.runController(['devices', '--json'])).json() as { name: string }[];
  t.deepEqual(
    listed.map(({ name }) => name),
    ['pi1', 'pi2'],
  );
});

test.serial('layers of a model are listed with what a cut costs', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'residual');
  const listed = (await mesh.runController(['layers', model, '--json'])).json() as { layers: { layer: number; cutBytes: number | null }[] };
  t.deepEqual(
    listed.layers.map(({ layer, cutBytes }) => [layer, cutBytes]),
    [
      [1, 64],
      [2, 128],
      [3, null],
    ],
  );
  t.regex((await mesh.runController(['layers', model])).stdout, /LAYER +NAME +OPERATOR/);
});
