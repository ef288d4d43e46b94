/**
 * DenseNet-121: Huang, Liu, van der Maaten, Weinberger, "Densely Connected Convolutional Networks", CVPR 2017, table 1.
 * 7,978,856 parameters, 2.83 G multiply-accumulates.
 *
 * Each layer reads all features made before it. They are joined step by step, so that a cut within a block is crossed by the joined
 * tensor alone and not by dozens of small ones; the bytes are the same.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';

const GROWTH = 32;
/** Of the 1×1 convolution before each 3×3, in units of growth. */
const BOTTLENECK = 4;
const layersOfBlocks = [6, 12, 24, 16] as const;

export function densenet121(seed: number): Model {
  const net = new Network('densenet121', seed);
  let x = net.conv('conv0', net.input('input', [1, 3, 224, 224]), { channels: 64, kernel: 7, stride: 2, pad: 3 });
  x = net.maxPool('pool0', normRelu(net, 'norm0', x), { kernel: 3, stride: 2, pad: 1 });
  for (const [index, layers] of layersOfBlocks.entries()) {
    for (let layer = 1; layer <= layers; layer++) x = denseLayer(net, `block${index + 1}.layer${layer}`, x);
    if (index < layersOfBlocks.length - 1) x = transition(net, `transition${index + 1}`, x);
  }
  x = normRelu(net, 'norm5', x);
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('classifier', x, 1000, 1));
}

function denseLayer(net: Network, name: string, x: Feature): Feature {
  let grown = net.conv(`${name}.conv1`, normRelu(net, `${name}.norm1`, x), { channels: BOTTLENECK * GROWTH, kernel: 1 });
  grown = net.conv(`${name}.conv2`, normRelu(net, `${name}.norm2`, grown), { channels: GROWTH, kernel: 3, pad: 1 });
  return net.concat(`${name}.concat`, [x, grown]);
}

function transition(net: Network, name: string, x: Feature): Feature {
  const halved = net.conv(`${name}.conv`, normRelu(net, `${name}.norm`, x), { channels: x.dims[1]! / 2, kernel: 1 });
  return net.averagePool(`${name}.pool`, halved, { kernel: 2, stride: 2 });
}

function normRelu(net: Network, name: string, x: Feature): Feature {
  return net.relu(`${name}.relu`, net.batchNorm(name, x));
}
