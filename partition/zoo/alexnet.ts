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
  let x: Feature = net.input('input', [1, 3, 224, 224]);
  for (const [index, [channels, kernel, stride, pad, pooled]] of convolutions.entries()) {
    const name = `conv${index + 1}`;
    x = net.relu(`${name}.relu`, net.conv(name, x, { channels, kernel, stride, pad, bias: true }));
    if (pooled) x = net.maxPool(`pool${index + 1}`, x, { kernel: 3, stride: 2 });
  }
  x = net.flatten('flatten', x);
  x = net.relu('fc6.relu', net.linear('fc6', x, 4096));
  x = net.relu('fc7.relu', net.linear('fc7', x, 4096));
  return net.model(net.linear('fc8', x, 1000, 1));
}
