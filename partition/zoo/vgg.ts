/**
 * VGG-16 (configuration D): Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
 * 138,357,544 parameters, 15.47 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';

/** Channels of the 3×3 convolutions between two poolings. */
const groups = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

export function vgg16(seed: number): Model {
  const net = new Network('vgg16', seed);
  let x: Feature = net.input('input', [1, 3, 224, 224]);
  for (const [group, convolutions] of groups.entries()) {
    for (const [index, channels] of convolutions.entries()) {
      const name = `conv${group + 1}_${index + 1}`;
      x = net.relu(`${name}.relu`, net.conv(name, x, { channels, kernel: 3, pad: 1, bias: true }));
    }
    x = net.maxPool(`pool${group + 1}`, x, { kernel: 2, stride: 2 });
  }
  x = net.flatten('flatten', x);
  x = net.relu('fc6.relu', net.linear('fc6', x, 4096));
  x = net.relu('fc7.relu', net.linear('fc7', x, 4096));
  return net.model(net.linear('fc8', x, 1000, 1));
}
