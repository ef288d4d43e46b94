/**
 * ResNet-18 and ResNet-50: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016; the stride of a bottleneck is
 * in its 3×3 convolution (v1.5), as in torchvision. 11,689,512 and 25,557,032 parameters; 1.82 and 4.11 G multiply-accumulates.
 * Also ResNet-18 with kernels of one dimension for vibration windows, as in the benchmark that `vibration.ts` cites: 3,849,034 parameters.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';
import { CLASSES, WINDOW } from './vibration.ts';

/** Scale of the last normalization of a residual branch: keeps the sum of many untrained branches from growing. */
const BRANCH_SCALE = 0.3;

type Block = (net: Network, name: string, x: Feature, channels: number, stride: number) => Feature;

export function resnet18(seed: number): Model {
  return resnet('resnet18', seed, basicBlock, [2, 2, 2, 2]);
}

export function resnet50(seed: number): Model {
  return resnet('resnet50', seed, bottleneck, [3, 4, 6, 3]);
}

export function resnet1d(seed: number, classes = CLASSES): Model {
  return resnet('resnet1d', seed, basicBlock, [2, 2, 2, 2], [1, 1, WINDOW], classes);
}

function resnet(name: string, seed: number, block: Block, depths: readonly number[], dims = [1, 3, 224, 224], classes = 1000): Model {
  const net = new Network(name, seed);
  let x = convNorm(net, 'conv1', 'bn1', net.input('input', dims), 64, 7, 2);
  x = net.relu('relu', x);
  x = net.maxPool('maxpool', x, { kernel: 3, stride: 2, pad: 1 });
  for (const [group, depth] of depths.entries()) {
    for (let index = 0; index < depth; index++) {
      x = block(net, `layer${group + 1}.${index}`, x, 64 << group, group > 0 && index === 0 ? 2 : 1);
    }
  }
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('fc', x, classes, 1));
}

function basicBlock(net: Network, name: string, x: Feature, channels: number, stride: number): Feature {
  let branch = net.relu(`${name}.relu1`, convNorm(net, `${name}.conv1`, `${name}.bn1`, x, channels, 3, stride));
  branch = convNorm(net, `${name}.conv2`, `${name}.bn2`, branch, channels, 3, 1, BRANCH_SCALE);
  return net.relu(`${name}.relu2`, net.add(`${name}.add`, branch, shortcut(net, name, x, channels, stride)));
}

function bottleneck(net: Network, name: string, x: Feature, channels: number, stride: number): Feature {
  let branch = net.relu(`${name}.relu1`, convNorm(net, `${name}.conv1`, `${name}.bn1`, x, channels, 1, 1));
  branch = net.relu(`${name}.relu2`, convNorm(net, `${name}.conv2`, `${name}.bn2`, branch, channels, 3, stride));
  branch = convNorm(net, `${name}.conv3`, `${name}.bn3`, branch, channels * 4, 1, 1, BRANCH_SCALE);
  return net.relu(`${name}.relu3`, net.add(`${name}.add`, branch, shortcut(net, name, x, channels * 4, stride)));
}

function shortcut(net: Network, name: string, x: Feature, channels: number, stride: number): Feature {
  if (x.dims[1] === channels && stride === 1) return x;
  return convNorm(net, `${name}.downsample.0`, `${name}.downsample.1`, x, channels, 1, stride);
}

function convNorm(
  net: Network,
  conv: string,
  norm: string,
  x: Feature,
  channels: number,
  kernel: number,
  stride: number,
  scale = 1,
): Feature {
  return net.batchNorm(norm, net.conv(conv, x, { channels, kernel, stride, pad: (kernel - 1) / 2 }), scale);
}
