/** What collections measure: drawn the same each time, as wide as it should be, and fit to be run. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { familyOf, modelName } from '../../../../controller/profile/subjects/families.ts';
import { madeUpKernels } from '../../../../controller/profile/subjects/kernels/made-up.ts';
import { probes } from '../../../../controller/profile/subjects/probes.ts';
import { randomOf } from '../../../../controller/profile/subjects/seeded.ts';
import { drawSegments, segmentModel, segmentSubject } from '../../../../controller/profile/subjects/segments.ts';
import { withFrames } from '../../../../controller/profile/subjects/with-frames.ts';
import { decodeTensorFile } from '../../../../mesh/safetensors.ts';
import { buildGraph } from '../../../../partition/graph.ts';
import { listLayers } from '../../../../partition/layers.ts';
import { macsOf } from '../../../../partition/macs.ts';
import { modelEnds } from '../../../../partition/split.ts';
import { Digests } from '../../../../partition/stage-files.ts';
import { zoo, zooModel } from '../../../../partition/zoo/catalogue.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const layered = listLayers(buildGraph(zooModel('squeezenet').build(1)));

test('every model of the zoo has a family; a file is one of its own', (t) => {
  const table = new Map(zoo.map(({ name }) => [name, familyOf(name)]));
  t.is(table.get('resnet1d'), 'resnet');
  t.is(table.get('googlenet'), table.get('inceptionv3'));
  t.deepEqual(
    [...table].filter(([name, family]) => name === family && /\d$|-/.test(name)),
    [],
    'a model that is numbered has others beside it',
  );
  t.is(familyOf(modelName('/some/where/mine.onnx')), 'mine');
});

test('segments are different, shorter than the model, and the same for the same seed', (t) => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 12 }), (seed, count) => {
      const segments = drawSegments(layered, count, randomOf(seed, 'm'));
      t.deepEqual(segments, drawSegments(layered, count, randomOf(seed, 'm')));
      t.is(new Set(segments.map(String)).size, segments.length);
      t.true(segments.length <= count && segments.length >= Math.min(count, 3));
      for (const [first, last] of segments)
        t.true(first >= 1 && last > first && last <= layered.layers.length && last - first + 1 < layered.layers.length);
    }),
  );
  t.deepEqual(drawSegments({ layers: layered.layers.slice(0, 2) }, 3, randomOf(1, 'm')), []);
});

test('a segment has the layers it is said to have, and files beside it', async (t) => {
  const stage = segmentModel(layered, [3, 6])!;
  const resolved = { name: 'squeezenet', path: '', model: layered.graph.model, layered };
  const { subject, item, paths, key } = await segmentSubject(resolved, stage, await tempFolder(t), new Digests());
  t.is(key, 'segment/squeezenet/3-6');
  t.like(subject, { kind: 'segment', family: 'squeezenet', part: '3-6' });
  t.true(subject.inputBytes > 0 && subject.outputBytes > 0);
  t.is(item.outputs.length, stage.outputs.length);
  t.is(paths.size, 1 + item.externalData.size);
});

test('made-up kernels: about as many as asked for, of all kinds, the same for the same seed', (t) => {
  const counted = (count: number): number =>
    madeUpKernels(count, 1).reduce((sum, { build }) => sum + build().proto.graph!.output.length, 0);
  t.deepEqual([0, 40].map(counted), [0, 40]);
  const names = madeUpKernels(300, 1).map(({ kind, number }) => `${kind} ${number}`);
  t.is(new Set(names).size, names.length);
  const [one, again, other] = [1, 1, 2].map((seed) =>
    JSON.stringify(
      madeUpKernels(20, seed)[0]!
        .build()
        .proto.graph!.initializer.map(({ name, dims }) => [name, dims.map(Number)]),
    ),
  );
  t.is(one, again);
  t.not(one, other);
});

test('made-up kernels are small enough, and all their shapes are known', (t) => {
  for (const { kind, build } of madeUpKernels(60, 7)) {
    const graph = buildGraph(build());
    const made = listLayers(graph);
    const ends = modelEnds(made);
    t.true(
      [...ends.inputs, ...ends.outputs].every(({ dims }) => dims.every((dim) => dim > 0)),
      kind,
    );
    for (const node of graph.nodes) t.true((macsOf(node, made.facts) ?? 0) <= 4e8, kind);
  }
});

test('probes can be run, and wake-up is the smallest', (t) => {
  for (const build of Object.values(probes)) t.notThrows(() => modelEnds(listLayers(buildGraph(build()))));
  t.deepEqual(Object.keys(probes), ['gemm', 'conv', 'depthwise', 'copy', 'speed', 'wake-up']);
});

test("a person's frames travel in one file, numbered", async (t) => {
  const stage = segmentModel(layered, [3, 6])!;
  const folder = await tempFolder(t);
  const resolved = { name: 'squeezenet', path: '', model: layered.graph.model, layered };
  const subject = await segmentSubject(resolved, stage, folder, new Digests());
  const frame = (value: number) => new Map([['x', { dtype: 'uint8' as const, dims: [2], data: Uint8Array.of(value, 9) }]]);
  const fed = await withFrames(subject, [frame(1), frame(2)], join(folder, 'frames'));
  const path = fed.paths.get(fed.item.feeds!)!;
  const { tensors } = decodeTensorFile(await readFile(path), 'frames');
  t.deepEqual(
    [...tensors].map(([name, { data }]) => [name, [...data]]),
    [
      ['0.x', [1, 9]],
      ['1.x', [2, 9]],
    ],
  );
  t.is(fed.paths.size, subject.paths.size + 1);
});
