import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { RunReport } from '../../controller/report/run-report.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { writeModelFile } from './run-models.ts';
import { run } from './run-report.ts';

async function planFile(mesh: Mesh, stages: object): Promise<string> {
  const path = join(mesh.folder, 'plan.json');
  await writeFile(path, JSON.stringify({ stages }));
  return path;
}

/** Stage, device, and how many frames it computed. */
const shares = (report: RunReport): [string, string, number | null][] =>
  report.stages.map(({ id, device, frames }) => [id, device, frames]);
const complete = (frames: number) => ({ sent: frames, received: frames, lost: 0, duplicated: 0, outOfOrder: 0 });

test.serial('ResNet-18 as a whole on two devices: frames in turns, outputs bit for bit those of one device', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const plan = await planFile(mesh, { whole: { layers: 'all', devices: ['local1', 'local2'] } });
  const report = await run(mesh, '--split', 'resnet', '--plan', plan, '--frames', '13', '--verify', 'all');
  t.deepEqual(report.frames, complete(13));
  t.like(report.verify, { compared: 13, passed: true, maxUlp: 0, kernels: { onlyWhole: [], onlySplit: [] } });
  t.deepEqual(shares(report), [
    ['whole-1', 'local1', 7],
    ['whole-2', 'local2', 6],
  ]);
});

test.serial(
  'a stage on two devices, two frames to one, between others: the same output to the last bit, frame by frame accounted for',
  async (t) => {
    const mesh = await startMesh(t, { agents: [{ name: 'pa' }, { name: 'pb' }, { name: 'pc' }] });
    const outputs = await Promise.all(
      [{ device: 'pb' }, { devices: ['pb', 'pc'], shares: [2, 1] }].map(async (place, i) => {
        const stages = { a: { layers: '1-2', device: 'pa' }, b: { layers: '3', ...place }, c: { layers: '4-7', device: 'pa' } };
        const plan = join(mesh.folder, `plan${i}.json`);
        await writeFile(plan, JSON.stringify({ stages }));
        const output = join(mesh.folder, `out${i}.npy`);
        const report = await run(mesh, '--split', 'lenet', '--plan', plan, '--frames', '50', '--verify', 'all', '--output', output);
        return { report, bytes: await readFile(output) };
      }),
    );
    const { report } = outputs[1]!;
    t.deepEqual(outputs[1]!.bytes, outputs[0]!.bytes);
    t.deepEqual(report.frames, complete(50));
    t.true(report.verify.passed);
    t.deepEqual(shares(report), [
      ['a', 'pa', 50],
      ['b-1', 'pb', 33],
      ['b-2', 'pc', 17],
      ['c', 'pa', 50],
    ]);
    t.deepEqual(
      report.plan.routes.map(({ from, to, turns }) => [from, to, turns?.at]),
      [
        ['source', 'a', undefined],
        ['a', 'b-1', [0, 2]],
        ['a', 'b-2', [1]],
        ['b-1', 'c', [0, 2]],
        ['b-2', 'c', [1]],
        ['c', 'sink', undefined],
      ],
    );
    // Every transfer of every frame was measured, on the route whose turn it was.
    const { stdout } = await mesh.runController(['show', report.run, '--frames']);
    const [head, ...rows] = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const carried = (route: string) =>
      rows.filter((row) => row[head!.indexOf(`${route}_raw_bytes`)] !== '').map(([frame]) => Number(frame) % 3);
    t.deepEqual([...new Set(carried('a>b-2'))], [1]);
    t.deepEqual(new Set(carried('b-1>c')), new Set([0, 2]));
    t.regex((await mesh.runController(['show', report.run])).stdout, /^b-2 +pc +3 +17 /m);
  },
);

test.serial('two devices next to three, and a way past both: all frames, each once and in order', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'diamond');
  const plan = await planFile(mesh, {
    top: { layers: '1', devices: ['local1', 'local2'] },
    left: { layers: '2', devices: ['local1', 'local2', 'local3'], shares: [1, 2, 3] },
    right: { layers: '3', device: 'local3' },
    bottom: { layers: '4', devices: ['local2', 'local1'] },
  });
  const report = await run(mesh, '--split', model, '--plan', plan, '--frames', '61', '--verify', 'all');
  t.deepEqual(report.frames, complete(61));
  t.like(report.verify, { compared: 61, passed: true, maxUlp: 0 });
  t.deepEqual(
    shares(report).map(([id, , frames]) => [id, frames]),
    [
      ['top-1', 31],
      ['top-2', 30],
      ['left-1', 10],
      ['left-2', 20],
      ['left-3', 31],
      ['right', 61],
      ['bottom-1', 31],
      ['bottom-2', 30],
    ],
  );
});

test.serial('fewer frames than replicas: those without a turn wait for nothing', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const plan = await planFile(mesh, { whole: { layers: 'all', devices: ['local1', 'local2', 'local1'] } });
  const report = await run(mesh, '--split', model, '--plan', plan, '--frames', '2', '--verify', 'all');
  t.deepEqual(
    shares(report).map(([, , frames]) => frames),
    [1, 1, 0],
  );
  t.is(report.stages[2]!.computeMs, null);
});

test.serial('--on names a device for each replica', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa' }, { name: 'pb' }] });
  const model = await writeModelFile(mesh.folder, 'chain');
  const plan = await planFile(mesh, { a: { layers: '1' }, b: { layers: '2-3', devices: ['x', 'y'] } });
  const report = await run(mesh, '--split', model, '--plan', plan, '--on', 'pb,pa,pb', '--frames', '4');
  t.deepEqual(
    shares(report).map(([id, device]) => [id, device]),
    [
      ['a', 'pb'],
      ['b-1', 'pa'],
      ['b-2', 'pb'],
    ],
  );
});

test.serial('turns that can not be combined are said before anything starts', async (t) => {
  const mesh = await startMesh(t, { nats: false });
  const model = await writeModelFile(mesh.folder, 'chain');
  const devices = ['local1', 'local2'];
  const plan = await planFile(mesh, { a: { layers: '1', devices, shares: [100, 1] }, b: { layers: '2-3', devices, shares: [100, 3] } });
  const { code, stderr } = await mesh.runController(['run', '--split', model, '--plan', plan]);
  t.is(code, 2);
  t.regex(stderr, /controller: error: .*plan\.json: these turns repeat only every 10403 frames/);
  t.regex(stderr, /controller: hint: shares with a smaller sum/);
});
