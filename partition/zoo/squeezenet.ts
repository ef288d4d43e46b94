/**
 * SqueezeNet 1.1: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016, and the authors' release 1.1.
 * 1,235,496 parameters, 0.35 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';

/** Squeeze channels, expand channels (each of 1×1 and 3×3), pooled before. */
const fires = [
  [16, 64, true],
  [16, 64, false],
  [32, 128, true],
  [32, 128, false],
  [48, 192, true],
  [48, 192, false],
  [64, 256, false],
  [64, 256, false],
] as const;

export function squeezenet(seed: number): Model {
  const net = new Network('squeezenet', seed);
  let x = convRelu(net, 'conv1', net.input('input', [1, 3, 224, 224]), 64, 3, 2, 0);
  for (const [index, [squeeze, expand, pooled]] of fires.entries()) {
    const name = `fire${index + 2}`;
    if (pooled) x = net.maxPool(`${name}.pool`, x, { kernel: 3, stride: 2, ceil: true });
    const narrow = convRelu(net, `${name}.squeeze`, x, squeeze, 1, 1, 0);
    const one = convRelu(net, `${name}.expand1x1`, narrow, expand, 1, 1, 0);
    const three = convRelu(net, `${name}.expand3x3`, narrow, expand, 3, 1, 1);
    x = net.concat(`${name}.concat`, [one, three]);
  }
  x = convRelu(net, 'conv10', x, 1000, 1, 1, 0);
  return net.model(net.flatten('flatten', net.globalAveragePool('avgpool', x)));
}

function convRelu(net: Network, name: string, x: Feature, channels: number, kernel: number, stride: number, pad: number): Feature {
  return net.relu(`${name}.relu`, net.conv(name, x, { channels, kernel, stride, pad, bias: true }));
}
