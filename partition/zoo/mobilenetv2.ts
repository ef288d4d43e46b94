/**
 * MobileNetV2, width 1.0: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, table 2.
 * 3,504,872 parameters, 0.30 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';

/** Expansion, output channels, blocks, stride of the first. */
const groups = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

export function mobilenetv2(seed: number): Model {
  const net = new Network('mobilenetv2', seed);
  let x = convNorm(net, 'features.0', net.input('input', [1, 3, 224, 224]), { channels: 32, kernel: 3, stride: 2 }, true);
  let index = 1;
  for (const [expansion, channels, blocks, firstStride] of groups) {
    for (let block = 0; block < blocks; block++) {
      x = invertedResidual(net, `features.${index++}`, x, expansion, channels, block === 0 ? firstStride : 1);
    }
  }
  x = convNorm(net, `features.${index}`, x, { channels: 1280, kernel: 1 }, true);
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('classifier', x, 1000, 1));
}

function invertedResidual(net: Network, name: string, x: Feature, expansion: number, channels: number, stride: number): Feature {
  const inputs = x.dims[1]!;
  const wide = inputs * expansion;
  let branch = x;
  if (expansion !== 1) branch = convNorm(net, `${name}.expand`, branch, { channels: wide, kernel: 1 }, true);
  branch = convNorm(net, `${name}.depthwise`, branch, { channels: wide, kernel: 3, stride, groups: wide }, true);
  branch = convNorm(net, `${name}.project`, branch, { channels, kernel: 1, gain: 1 }, false);
  return stride === 1 && inputs === channels ? net.add(`${name}.add`, x, branch) : branch;
}

interface ConvNorm {
  readonly channels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly gain?: number;
}

function convNorm(net: Network, name: string, x: Feature, options: ConvNorm, activation: boolean): Feature {
  const normed = net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, x, { ...options, pad: (options.kernel - 1) / 2 }));
  return activation ? net.relu6(`${name}.relu6`, normed) : normed;
}
