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
import { gptMacs, gptParameters, unetMacs, vibration } from './support/sizes.ts';

/** Parameters and G multiply-accumulates as the papers, torchvision and darknet give them; where nobody does, `sizes.ts` counts by hand. */
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  resnet18: [11_689_512, 1.82],
  resnet50: [25_557_032, 4.11],
  mobilenetv2: [3_504_872, 0.3],
  vgg16: [138_357_544, 15.47],
  alexnet: [61_100_840, 0.71],
  // A first convolution of 56 × 56 instead of 55 × 55 places.
  'alexnet-mobihoc2022': [61_100_840, 0.714 + ((56 ** 2 - 55 ** 2) * 64 * 363) / 1e9],
  squeezenet: [1_235_496, 0.35],
  lenet: [61_706, 0.000417],
  mlp: [567_434, 0.000567],
  googlenet: [6_624_904, 1.498],
  densenet121: [7_978_856, 2.834],
  'efficientnet-b0': [5_288_548, 0.386],
  shufflenetv2: [2_278_604, 0.146],
  inceptionv3: [23_834_568, 5.713],
  'vit-tiny': [5_717_416, 1.26],
  unet: [7_763_041, unetMacs() / 1e9],
  'gpt-tiny': [gptParameters(), gptMacs() / 1e9],
  'yolo-tiny': [8_852_366, 5.571 / 2],
  ...vibration,
};

/** SHA-256 of the file. A new value means other bytes: raise ZOO_VERSION with it. */
const digests: Readonly<Record<string, string>> = {
  resnet18: '8a8bff3e8b86e2bf24e1f185390d95566a64b24abd4fee753e1f96e7aa48aa92',
  resnet50: '6af433b89c248283c1105258611da8ae9b603c37a9002a6815ad994a8d785a5b',
  mobilenetv2: '0957811d2a7417221ce832c049785a35406bf9008d72b5b5f2d8c99dbf50d84c',
  vgg16: 'fc7a850a96f60c820df5f5e49e66215c95fb0e889781d271e1a288203a23f5e4',
  alexnet: 'fc354dba5ee55e6ede4bc552f5b28d0c1ab99b878d6352dcde322ea8fe64748a',
  'alexnet-mobihoc2022': '015277cb63212c41e5c2f359f590131d97499a8a079304ebaff47723529a92b2',
  squeezenet: '25856214537d39e64400d4ae12a43baa004fcae9b0cf2db8e8a981677f04a130',
  lenet: 'a107173f185d96c0b3909c5a1ec0e4891d7fca37024047da27ed68f686561aa3',
  mlp: 'd0e7400354d8dfe8bfae803cc92653d9c4bc233a759c6e74bba3b9251d91287d',
  googlenet: 'dd6b37262d292faf41d07f11ed3f81743e03d584498e939bdd5288d581c9b842',
  densenet121: '729fed298bae40cfaa446b19d3cd5cad6955218c8b93887937f3e096f893399b',
  'efficientnet-b0': '23e1baefa58ec7e621c6a438b3790e1b64e748d84c07d2a8f473ee0172468a95',
  shufflenetv2: '42852badc44677a960ab56f7a4ad33c09d621a81ae9cfbc946ece86c294c87a3',
  inceptionv3: '204f91ddbb7009ce8075ecfa0ee0f3c3ad0d1147c8e461f0ad551af1ab3bb9b6',
  'vit-tiny': 'f99debeca4495295f4ae4733bb44b42c2eee8bc33bc0429d581847bc9431377e',
  unet: '246550c75f3a899cdf97616794830a01cf4a63e30a28338d347a84ffb2973178',
  'gpt-tiny': '751a31338756e5a4e183beb5987b2b4b0e6fcf40301b9699fbaba9e976ae1ccc',
  'yolo-tiny': '5a3d042101d6109fb7ce1f6d36fe420c08b228c3fd50616b8706101d1881785d',
  mlp1d: '7f96fcfbf3dd4c466a1d6b35fa158551a9d0a712d099d6dc8d1ec03f4818ff18',
  cnn1d: '4d5a419085cb8be8db8ed294e994885149a4133143db1ed4c321d0ea2f02321e',
  lenet1d: 'acf774bc59d657bc6a9961a5beeae946d7b48e0fb4956e65d63f7126d91124ad',
  alexnet1d: '601c4ae71c92ccea8c3675b949132fe7ac34e1848200dc799aea7c271683ad32',
  resnet1d: 'b9b418ce065ce50fe717be9924b6eb6e091448fc8d973f114e59b4c9451a7eb8',
  bilstm1d: 'ef4c2b0ff53664ee549c77b2398f8034a9f852fb45a49f6a45a94720967681c9',
  ae1d: '72572b0fce662015b2e7c7f30d36d73e82b6eee1dd017ac58295babdccad70fa',
  sae1d: '3d8745a12c6773e78f5e3c66dd134cbe1efb780f820d65e7a6f0637e3985c7b5',
};

for (const { name, build } of zoo) {
  test.serial(
    `${name} has as many parameters and multiply-accumulates as its architecture says, no shape is unknown, and it is the same bytes on every machine`,
    async (t) => {
      const model = build(ZOO_SEED);
      const { layers, facts } = listLayers(buildGraph(model));
      for (const [tensor, { dtype, dims }] of facts) t.true(dtype !== 0 && dims?.every((dim) => dim > 0), `${tensor}: ${dims}`);
      const [parameters, gigaMacs] = sizes[name]!;
      t.is(
        layers.reduce((sum, layer) => sum + layer.parameters, 0),
        parameters,
      );
      const macs = layers.filter((layer) => !layer.operator.includes('Pool')).reduce((sum, layer) => sum + layer.macs!, 0);
      t.true(Math.abs(macs / 1e9 / gigaMacs - 1) <= 0.01, `${macs / 1e9} G`);
      const hash = createHash('sha256');
      for await (const chunk of streamWritten(writeModel(model))) hash.update(chunk);
      t.is(hash.digest('hex'), digests[name]!);
    },
  );
}

test('every model is pinned', (t) => {
  t.deepEqual(Object.keys(digests).sort(), zoo.map(({ name }) => name).sort());
});

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
