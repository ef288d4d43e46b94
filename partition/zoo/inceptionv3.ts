/**
 * Inception v3: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer Vision", CVPR 2016, table 1,
 * in the sizes of the authors' release (torchvision's too), without the auxiliary classifier, which only training uses. Images of 299×299.
 * 23,834,568 parameters, 5.71 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

/** A convolution: channels and kernel, and its stride; with stride 2 it is not padded. */
type Step = readonly [channels: number, height: number, width: number, stride?: number];

export function inceptionv3(seed: number): Model {
  const net = new Network('inceptionv3', seed);
  let x = unit(net, 'conv1a', net.input('input', [1, 3, 299, 299]), [32, 3, 3, 2]);
  x = unit(net, 'conv2a', x, [32, 3, 3], 0);
  x = unit(net, 'conv2b', x, [64, 3, 3]);
  x = net.maxPool('pool1', x, { kernel: 3, stride: 2 });
  x = unit(net, 'conv3b', x, [80, 1, 1]);
  x = unit(net, 'conv4a', x, [192, 3, 3], 0);
  x = net.maxPool('pool2', x, { kernel: 3, stride: 2 });
  for (const [name, pooled] of Object.entries({ mixed5b: 32, mixed5c: 64, mixed5d: 64 })) x = blockA(net, name, x, pooled);
  x = gridReduction(
    net,
    'mixed6a',
    x,
    [[384, 3, 3, 2]],
    [
      [64, 1, 1],
      [96, 3, 3],
      [96, 3, 3, 2],
    ],
  );
  for (const [name, inner] of Object.entries({ mixed6b: 128, mixed6c: 160, mixed6d: 160, mixed6e: 192 })) x = blockC(net, name, x, inner);
  x = gridReduction(
    net,
    'mixed7a',
    x,
    [
      [192, 1, 1],
      [320, 3, 3, 2],
    ],
    [
      [192, 1, 1],
      [192, 1, 7],
      [192, 7, 1],
      [192, 3, 3, 2],
    ],
  );
  for (const name of ['mixed7b', 'mixed7c']) x = blockE(net, name, x);
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('fc', x, 1000, 1));
}

/** 35×35, figure 5 of the paper; one 5×5 is left as it was. */
function blockA(net: Network, name: string, x: Feature, pooled: number): Feature {
  return net.concat(`${name}.concat`, [
    chain(net, `${name}.branch1`, x, [[64, 1, 1]]),
    chain(net, `${name}.branch2`, x, [
      [48, 1, 1],
      [64, 5, 5],
    ]),
    chain(net, `${name}.branch3`, x, [
      [64, 1, 1],
      [96, 3, 3],
      [96, 3, 3],
    ]),
    chain(net, `${name}.branch4`, mean(net, name, x), [[pooled, 1, 1]]),
  ]);
}

/** 17×17, figure 6: n×n as 1×n and n×1. */
function blockC(net: Network, name: string, x: Feature, inner: number): Feature {
  return net.concat(`${name}.concat`, [
    chain(net, `${name}.branch1`, x, [[192, 1, 1]]),
    chain(net, `${name}.branch2`, x, [
      [inner, 1, 1],
      [inner, 1, 7],
      [192, 7, 1],
    ]),
    chain(net, `${name}.branch3`, x, [
      [inner, 1, 1],
      [inner, 7, 1],
      [inner, 1, 7],
      [inner, 7, 1],
      [192, 1, 7],
    ]),
    chain(net, `${name}.branch4`, mean(net, name, x), [[192, 1, 1]]),
  ]);
}

/** 8×8, figure 7: the branches fork once more. */
function blockE(net: Network, name: string, x: Feature): Feature {
  const fork = (branch: string, from: Feature): readonly Feature[] => [
    unit(net, `${name}.${branch}a`, from, [384, 1, 3]),
    unit(net, `${name}.${branch}b`, from, [384, 3, 1]),
  ];
  return net.concat(`${name}.concat`, [
    chain(net, `${name}.branch1`, x, [[320, 1, 1]]),
    ...fork('branch2', chain(net, `${name}.branch2`, x, [[384, 1, 1]])),
    ...fork(
      'branch3',
      chain(net, `${name}.branch3`, x, [
        [448, 1, 1],
        [384, 3, 3],
      ]),
    ),
    chain(net, `${name}.branch4`, mean(net, name, x), [[192, 1, 1]]),
  ]);
}

/** Half the size, by convolutions with stride 2 and a pool side by side. */
function gridReduction(net: Network, name: string, x: Feature, second: readonly Step[], third: readonly Step[]): Feature {
  return net.concat(`${name}.concat`, [
    chain(net, `${name}.branch1`, x, second),
    chain(net, `${name}.branch2`, x, third),
    net.maxPool(`${name}.pool`, x, { kernel: 3, stride: 2 }),
  ]);
}

function mean(net: Network, name: string, x: Feature): Feature {
  return net.averagePool(`${name}.pool`, x, { kernel: 3, stride: 1, pad: 1 }, true);
}

function chain(net: Network, name: string, x: Feature, steps: readonly Step[]): Feature {
  return steps.reduce((from, step, index) => unit(net, `${name}.${index}`, from, step), x);
}

/** `padded`: how much of the padding that keeps the size; nothing before a stride of 2. */
function unit(net: Network, name: string, x: Feature, [channels, height, width, stride = 1]: Step, padded = stride === 1 ? 1 : 0): Feature {
  const pad = [((height - 1) / 2) * padded, ((width - 1) / 2) * padded];
  return convNormRelu(net, name, x, { channels, kernel: [height, width], stride, pad, epsilon: 1e-3 });
}
