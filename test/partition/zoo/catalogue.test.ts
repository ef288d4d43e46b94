/**
 * The zoo holds the architectures it names: sizes as published, the same bytes everywhere.
 */
import { createHash } from 'node:crypto';
import test from 'ava';
import type { MeshError } from '../../../mesh/error.ts';
import { buildGraph } from '../../../partition/graph.ts';
import { listLayers } from '../../../partition/layers.ts';
import { streamWritten, writeModel } from '../../../partition/write-model.ts';
import { findZooModel, ZOO_SEED, zoo, zooModel } from '../../../partition/zoo/catalogue.ts';

/** Parameters and G multiply-accumulates as the papers and torchvision give them; LeNet and the MLP are small enough to count by hand. */
const published: Readonly<Record<string, readonly [number, number]>> = {
  resnet18: [11_689_512, 1.82],
  resnet50: [25_557_032, 4.11],
  mobilenetv2: [3_504_872, 0.3],
  vgg16: [138_357_544, 15.47],
  alexnet: [61_100_840, 0.71],
  squeezenet: [1_235_496, 0.35],
  lenet: [61_706, 0.000417],
  mlp: [567_434, 0.000567],
};

for (const { name, build } of zoo) {
  test.serial(`${name} has the published number of parameters and multiply-accumulates`, (t) => {
    const { layers } = listLayers(buildGraph(build(ZOO_SEED)));
    const [parameters, gigaMacs] = published[name]!;
    t.is(
      layers.reduce((sum, layer) => sum + layer.parameters, 0),
      parameters,
    );
    const macs = layers.filter((layer) => !layer.operator.includes('Pool')).reduce((sum, layer) => sum + layer.macs!, 0);
    t.true(Math.abs(macs / 1e9 / gigaMacs - 1) <= 0.01, `${macs / 1e9} G`);
  });
}

/** SHA-256 of the file. A new value means other bytes: raise ZOO_VERSION with it. */
const digests: Readonly<Record<string, string>> = {
  resnet18: '8a8bff3e8b86e2bf24e1f185390d95566a64b24abd4fee753e1f96e7aa48aa92',
  mobilenetv2: '0957811d2a7417221ce832c049785a35406bf9008d72b5b5f2d8c99dbf50d84c',
  squeezenet: '25856214537d39e64400d4ae12a43baa004fcae9b0cf2db8e8a981677f04a130',
  lenet: 'a107173f185d96c0b3909c5a1ec0e4891d7fca37024047da27ed68f686561aa3',
  mlp: 'd0e7400354d8dfe8bfae803cc92653d9c4bc233a759c6e74bba3b9251d91287d',
};

for (const [name, expected] of Object.entries(digests)) {
  test.serial(`${name} is the same bytes on every machine`, async (t) => {
    const hash = createHash('sha256');
    for await (const chunk of streamWritten(writeModel(zooModel(name).build(ZOO_SEED)))) hash.update(chunk);
    t.is(hash.digest('hex'), expected);
  });
}

test('another seed gives other weights', (t) => {
  const bytesOf = (seed: number) =>
    Buffer.concat(writeModel(zooModel('mlp').build(seed)).parts.map((part) => (part.kind === 'memory' ? part.bytes : Buffer.alloc(0))));
  t.true(bytesOf(1).equals(bytesOf(1)));
  t.false(bytesOf(1).equals(bytesOf(2)));
});

test('resnet means ResNet-18; an unknown name is an error that lists the models', (t) => {
  t.is(findZooModel('resnet')?.name, 'resnet18');
  t.is(findZooModel('resnet19'), undefined);
  const error = t.throws(() => zooModel('resnet19')) as MeshError;
  t.is(error.code, 'not-found');
  for (const { name } of zoo) t.true(error.message.includes(name));
});
