/**
 * AlexNet in its one-tower form: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014.
 * 61,100,840 parameters, 0.71 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';

/** Channels, kernel, stride, padding, pooled afterwards. */
const convolutions = [
  [64, 11, 4, 2, true],
  [192, 5, 1, 2, true],
  [384, 3, 1, 1, false],
  [256, 3, 1, 1, false],
  [256, 3, 1, 1, true],
] as const;

export function alexnet(seed: number): Model {
  const net = new Network('alexnet', seed);
  return layersOf(net, net.input('input', [1, 3, 224, 224]));
}

/**
 * As in the experiment of "Distributed Inference for Multiple DNN Models in IoT Environments" (MobiHoc 2022): pictures come as bytes, and
 * the first convolution is padded to 56 × 56 (224 ÷ 4, the odd row and column behind).
 */
export function alexnetMobihoc2022(seed: number): Model {
  const net = new Network('alexnet-mobihoc2022', seed);
  return layersOf(net, net.picture('input', [1, 3, 224, 224]), { pad: 3, padEnd: 4 });
}

function layersOf(net: Network, input: Feature, first: { readonly pad?: number; readonly padEnd?: number } = {}): Model {
  let x = input;
  for (const [index, [channels, kernel, stride, pad, pooled]] of convolutions.entries()) {
    const name = `conv${index + 1}`;
    const padding = index === 0 ? { pad, ...first } : { pad };
    x = net.relu(`${name}.relu`, net.conv(name, x, { channels, kernel, stride, bias: true, ...padding }));
    if (pooled) x = net.maxPool(`pool${index + 1}`, x, { kernel: 3, stride: 2 });
  }
  x = net.flatten('flatten', x);
  x = net.relu('fc6.relu', net.linear('fc6', x, 4096));
  x = net.relu('fc7.relu', net.linear('fc7', x, 4096));
  return net.model(net.linear('fc8', x, 1000, 1));
}
