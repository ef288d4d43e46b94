/**
 * Classifiers of vibration for the monitoring of machines, in the sizes of Zhao et al., "Deep Learning Algorithms for Rotating Machinery
 * Intelligent Diagnosis: An Open Source Benchmark Study", ISA Transactions 107, 2020: windows of 1024 samples, 10 conditions.
 *
 * Pools "to n elements" are written with the window and stride they come down to at this length.
 */
import type { Model } from '../model.ts';
import { type ConvNormOptions, convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

/** Samples of a window. */
export const WINDOW = 1024;
/** Conditions of the machine that are told apart, when nobody says how many. */
export const CLASSES = 10;

/** Fully connected, 1024–1024–512–256–128–64–10, with batch normalization. 1,751,498 parameters. */
export function mlp1d(seed: number, classes = CLASSES): Model {
  const net = new Network('mlp1d', seed);
  let x = net.flatten('flatten', net.input('input', [1, 1, WINDOW]));
  for (const [index, features] of [1024, 512, 256, 128, 64].entries()) x = denseNormRelu(net, `fc${index + 1}`, x, features);
  return net.model(net.linear('fc6', x, classes, 1));
}

/** Four convolutions, the first with a wide kernel, and three fully connected layers. 181,642 parameters. */
export function cnn1d(seed: number, classes = CLASSES): Model {
  const net = new Network('cnn1d', seed);
  // A bias before a normalization does nothing; the benchmark has it, and its parameters are counted.
  const unit = (name: string, x: Feature, options: ConvNormOptions) => convNormRelu(net, name, x, { ...options, pad: 0, bias: true });
  let x = unit('conv1', net.input('input', [1, 1, WINDOW]), { channels: 16, kernel: 15 });
  x = net.maxPool('pool1', unit('conv2', x, { channels: 32, kernel: 3 }), { kernel: 2, stride: 2 });
  x = unit('conv3', x, { channels: 64, kernel: 3 });
  x = net.maxPool('pool2', unit('conv4', x, { channels: 128, kernel: 3 }), { kernel: 125, stride: 125 });
  return net.model(classifier(net, x, [256, 64], classes));
}

/** LeNet-5 with kernels and pools of one dimension, and rectifiers. 3,382 parameters. */
export function lenet1d(seed: number, classes = CLASSES): Model {
  const net = new Network('lenet1d', seed);
  let x = convRelu(net, 'conv1', net.input('input', [1, 1, WINDOW]), 6, 5);
  x = convRelu(net, 'conv2', net.maxPool('pool1', x, { kernel: 2, stride: 2 }), 16, 5);
  return net.model(classifier(net, net.maxPool('pool2', x, { kernel: 102, stride: 101 }), [30, 10], classes));
}

/** AlexNet (torchvision's) with kernels and pools of one dimension, and smaller layers behind them. 3,409,738 parameters. */
export function alexnet1d(seed: number, classes = CLASSES): Model {
  const net = new Network('alexnet1d', seed);
  let x = convRelu(net, 'conv1', net.input('input', [1, 1, WINDOW]), 64, 11, 4, 2);
  x = convRelu(net, 'conv2', net.maxPool('pool1', x, { kernel: 3, stride: 2 }), 192, 5, 1, 2);
  x = convRelu(net, 'conv3', net.maxPool('pool2', x, { kernel: 3, stride: 2 }), 384, 3, 1, 1);
  x = convRelu(net, 'conv4', x, 256, 3, 1, 1);
  x = net.maxPool('pool3', convRelu(net, 'conv5', x, 256, 3, 1, 1), { kernel: 3, stride: 2 });
  return net.model(classifier(net, net.averagePool('avgpool', x, { kernel: 6, stride: 5 }), [1024, 1024], classes));
}

export function denseNormRelu(net: Network, name: string, x: Feature, features: number): Feature {
  return net.relu(`${name}.relu`, net.batchNorm(`${name}.bn`, net.linear(name, x, features)));
}

function convRelu(net: Network, name: string, x: Feature, channels: number, kernel: number, stride = 1, pad = 0): Feature {
  return net.relu(`${name}.relu`, net.conv(name, x, { channels, kernel, stride, pad, bias: true }));
}

function classifier(net: Network, features: Feature, hidden: readonly number[], classes: number): Feature {
  let x = net.flatten('flatten', features);
  for (const [index, width] of hidden.entries()) x = net.relu(`fc${index + 1}.relu`, net.linear(`fc${index + 1}`, x, width));
  return net.linear(`fc${hidden.length + 1}`, x, classes, 1);
}
