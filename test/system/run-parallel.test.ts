import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { run } from './run-report.ts';

for (const [what, model, parts, stages] of [
  [
    'layers in bands of rows on several devices, the rest on the last of them',
    'squeezenet',
    'tiles:2-6x2:1:1',
    ['before local1 1', 'tile1 local1 2-6 tile 1/3', 'tile2 local2 2-6 tile 2/3', 'tile3 local3 2-6 tile 3/3', 'rest local3 7-'],
  ],
  [
    'tiles in a grid that exchange their borders after each layer',
    'lenet',
    'halo:1-2x2x1',
    [
      ...['before local1 scatter', 'layer1-tile1 local1 1 tile 1/2', 'layer1-tile2 local2 1 tile 2/2'],
      ...['layer2-tile1 local1 2 tile 1/2', 'layer2-tile2 local2 2 tile 2/2', 'rest local2 3-'],
    ],
  ],
  [
    'a layer in pieces of its output channels',
    'squeezenet',
    'pieces:layer3x2',
    ['before local1 1-', 'piece1 local1 3 piece 1/2', 'piece2 local2 3 piece 2/2', 'rest local2 4-'],
  ],
  [
    'the heads of an attention',
    'vit-tiny',
    'heads:2-5x2:1',
    ['before local1 1', 'heads1 local1 2-5 heads 1/2', 'heads2 local2 2-5 heads 2/2', 'rest local2 6-'],
  ],
] as const) {
  test.serial(what, async (t) => {
    const mesh = await startMesh(t, { nats: false });
    const report = await run(mesh, '--split', `${model}@${parts}`, '--frames', '6', '--verify', 'all');
    t.deepEqual(
      report.plan.stages.map(({ id, device, layers }) => `${id} ${device} ${layers.replace(/^(\d+-)\d+$/, '$1')}`),
      [...stages],
    );
    t.true(report.verify.passed && report.verify.maxAbsError! <= 1e-5);
    const { work, bytesBetween } = report.parallel!;
    t.true(parts.startsWith('tiles') ? work > 1 && work < 2 : work === 1, `${work}`);
    const devices = new Map(report.plan.stages.map(({ id, device }) => [id, device]));
    const between = report.links.filter(({ from, to }) => devices.has(from) && devices.has(to) && devices.get(from) !== devices.get(to));
    // What was foretold is what went over the links.
    t.is(
      between.reduce((sum, link) => sum + link.rawBytesPerFrame!, 0),
      bytesBetween!,
    );
  });
}
