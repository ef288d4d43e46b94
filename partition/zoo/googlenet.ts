/**
 * GoogLeNet (Inception v1): Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, table 1, as torchvision has it: batch
 * normalization after every convolution, 3×3 kernels where the paper has 5×5, no auxiliary classifiers, which only training uses.
 * 6,624,904 parameters, 1.50 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

/** Channels of the branches: 1×1; reduced, 3×3; reduced, "5×5"; after the pool. */
type Branches = readonly [number, number, number, number, number, number];

/** 'pool 3' and 'pool 2': maximum over 3×3 or 2×2 with stride 2. */
const blocks: readonly (readonly [string, Branches | number])[] = [
  ['3a', [64, 96, 128, 16, 32, 32]],
  ['3b', [128, 128, 192, 32, 96, 64]],
  ['pool3', 3],
  ['4a', [192, 96, 208, 16, 48, 64]],
  ['4b', [160, 112, 224, 24, 64, 64]],
  ['4c', [128, 128, 256, 24, 64, 64]],
  ['4d', [112, 144, 288, 32, 64, 64]],
  ['4e', [256, 160, 320, 32, 128, 128]],
  ['pool4', 2],
  ['5a', [256, 160, 320, 32, 128, 128]],
  ['5b', [384, 192, 384, 48, 128, 128]],
];

export function googlenet(seed: number): Model {
  const net = new Network('googlenet', seed);
  let x = unit(net, 'conv1', net.input('input', [1, 3, 224, 224]), 64, 7, 2);
  x = net.maxPool('pool1', x, { kernel: 3, stride: 2, ceil: true });
  x = unit(net, 'conv2', x, 64, 1);
  x = unit(net, 'conv3', x, 192, 3);
  x = net.maxPool('pool2', x, { kernel: 3, stride: 2, ceil: true });
  for (const [name, block] of blocks) {
    if (typeof block === 'number') x = net.maxPool(name, x, { kernel: block, stride: 2, ceil: true });
    else x = inception(net, `inception${name}`, x, block);
  }
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('fc', x, 1000, 1));
}

function inception(net: Network, name: string, x: Feature, [one, three, toThree, five, toFive, pooled]: Branches): Feature {
  const pool = net.maxPool(`${name}.branch4.pool`, x, { kernel: 3, stride: 1, pad: 1 });
  return net.concat(`${name}.concat`, [
    unit(net, `${name}.branch1`, x, one, 1),
    unit(net, `${name}.branch2.1`, unit(net, `${name}.branch2.0`, x, three, 1), toThree, 3),
    unit(net, `${name}.branch3.1`, unit(net, `${name}.branch3.0`, x, five, 1), toFive, 3),
    unit(net, `${name}.branch4`, pool, pooled, 1),
  ]);
}

function unit(net: Network, name: string, x: Feature, channels: number, kernel: number, stride = 1): Feature {
  return convNormRelu(net, name, x, { channels, kernel, stride, epsilon: 1e-3 });
}
