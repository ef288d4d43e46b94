import test from 'ava';
import fc from 'fast-check';
import { layerTimes } from '../../../controller/plan/device-speed.ts';
import { profileCuts, roomyProfileCuts } from '../../../controller/plan/profile-cuts.ts';
import { STAGE_PROCESS_BYTES } from '../../../mesh/stage-memory.ts';
import type { LayeredGraph } from '../../../partition/layers.ts';
import { build, node, tensor } from '../../partition/support/build.ts';
import { zooLayers } from './models.ts';

/** All layers once, in order, in at most so many segments. */
function check(model: LayeredGraph, count: number): readonly (readonly number[])[] {
  const segments = profileCuts(model, count);
  const all = segments.flat();
  if (all.some((layer, index) => layer !== index + 1) || all.length !== model.layers.length) throw new Error(`layers ${all.join(' ')}`);
  if (segments.length > count) throw new Error(`${segments.length} segments instead of ${count}`);
  if (segments.some(({ length }) => length === 0)) throw new Error('a segment without layers');
  return segments;
}

for (const name of ['lenet', 'resnet18', 'googlenet', 'densenet121', 'unet', 'bilstm1d', 'gpt-tiny']) {
  test(`${name}: all layers once, in order, in at most as many segments as wanted`, (t) => {
    const model = zooLayers(name);
    for (const count of [1, 2, 3, 8, 50, 500]) check(model, count);
    t.is(profileCuts(model, 1).length, 1);
    const told = layerTimes(model, undefined, []);
    const work = profileCuts(model, 8).map((layers) => layers.reduce((sum, layer) => sum + told[layer]!, 0));
    const total = work.reduce((sum, each) => sum + each, 0);
    const heaviest = Math.max(...told);
    // Ends lie within half a part of where they would be, and a layer can not be divided.
    t.true(
      Math.max(...work) <= Math.max((total / 8) * 3, heaviest * 2),
      `the longest of ${work.length} takes ${Math.max(...work) / total}`,
    );
  });
}

/** Sums of earlier tensors; `isOpen`: with a dimension that nobody knows. */
const graphs = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 14 })
  .chain((reads) => fc.tuple(fc.constant(reads), fc.boolean()))
  .map(([reads, isOpen]) => {
    const names = ['x', ...reads.map((_, index) => `t${index + 1}`)];
    const dims = isOpen ? ['n', 4] : [4, 4];
    const nodes = reads.map(([a, b], index) => node('MatMul', [names[a % (index + 1)]!, names[b % (index + 1)]!], [names[index + 1]!]));
    return build({ nodes, inputs: [tensor('x', dims)], outputs: [tensor(names.at(-1)!, undefined)] });
  });

test('models of any shape, sizes known or not: all layers once, in order', (t) => {
  let open = 0;
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 10 }), (model, count) => {
      const segments = check(model, count);
      const isOpen = model.layers.some(({ cutBytes, number }) => cutBytes === undefined && number < model.layers.length);
      if (isOpen) open += 1;
      for (const layers of segments.slice(0, -1)) {
        if (model.layers[layers.at(-1)! - 1]!.cutBytes === undefined)
          throw new Error(`cut after ${layers.at(-1)}, where the size is unknown`);
      }
    }),
    { numRuns: 200 },
  );
  t.true(open > 20);
});

test('devices with little memory are measured on fewer segments, each with room for its part whichever that is', (t) => {
  const model = zooLayers('resnet18');
  const weights = model.layers.reduce((sum, { weightBytes }) => sum + weightBytes, 0);
  const countWith = (...rooms: number[]): number | undefined => roomyProfileCuts(model, 8, rooms)?.length;
  const all = profileCuts(model, 8).length;
  t.is(countWith(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), all);
  t.is(countWith(weights + STAGE_PROCESS_BYTES), 1);
  t.is(countWith(weights + STAGE_PROCESS_BYTES - 1), undefined);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }), (units) => {
      const rooms = units.map((unit) => unit * (STAGE_PROCESS_BYTES / 2));
      const segments = roomyProfileCuts(model, 8, rooms);
      if (segments === undefined) return;
      if (segments.flat().length !== model.layers.length) throw new Error('layers are missing');
      for (let shift = 0; shift < rooms.length; shift += 1) {
        for (const [device, room] of rooms.entries()) {
          const own = segments.filter((_, segment) => (segment + shift) % rooms.length === device);
          const bytes = own.flat().reduce((sum, layer) => sum + model.layers[layer - 1]!.weightBytes, own.length * STAGE_PROCESS_BYTES);
          if (bytes > room) throw new Error(`${bytes} bytes on a device of ${room}`);
        }
      }
    }),
  );
});
