/**
 * ShuffleNet V2, width 1.0: Ma, Zhang, Zheng, Sun, "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", ECCV 2018,
 * table 5 and figure 3. 2,278,604 parameters, 0.146 G multiply-accumulates.
 *
 *     stride 1:  x ─ split ─┬──────────────────────────── concat ─ shuffle        stride 2:  both halves are convolved, each from all of x
 *                           └─ 1×1 ─ 3×3 depthwise ─ 1×1 ─┘
 */
import type { Model } from '../model.ts';
import { convNorm, convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

/** Output channels, units. */
const stages = [
  [116, 4],
  [232, 8],
  [464, 4],
] as const;

export function shufflenetv2(seed: number): Model {
  const net = new Network('shufflenetv2', seed);
  let x = convNormRelu(net, 'conv1', net.input('input', [1, 3, 224, 224]), { channels: 24, kernel: 3, stride: 2 });
  x = net.maxPool('maxpool', x, { kernel: 3, stride: 2, pad: 1 });
  for (const [index, [channels, units]] of stages.entries()) {
    for (let unit = 0; unit < units; unit++) {
      const name = `stage${index + 2}.${unit}`;
      x = shuffle(net, `${name}.shuffle`, unit === 0 ? downUnit(net, name, x, channels / 2) : basicUnit(net, name, x));
    }
  }
  x = convNormRelu(net, 'conv5', x, { channels: 1024, kernel: 1 });
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('fc', x, 1000, 1));
}

function basicUnit(net: Network, name: string, x: Feature): Feature {
  const [kept, changed] = net.split(`${name}.split`, x, 2) as [Feature, Feature];
  return net.concat(`${name}.concat`, [kept, branch(net, `${name}.branch2`, changed, changed.dims[1]!, 1)]);
}

function downUnit(net: Network, name: string, x: Feature, channels: number): Feature {
  const inputs = x.dims[1]!;
  let left = convNorm(net, `${name}.branch1.depthwise`, x, { channels: inputs, kernel: 3, stride: 2, groups: inputs, gain: 1 });
  left = convNormRelu(net, `${name}.branch1.pointwise`, left, { channels, kernel: 1 });
  return net.concat(`${name}.concat`, [left, branch(net, `${name}.branch2`, x, channels, 2)]);
}

function branch(net: Network, name: string, x: Feature, channels: number, stride: number): Feature {
  const wide = convNormRelu(net, `${name}.first`, x, { channels, kernel: 1 });
  const filtered = convNorm(net, `${name}.depthwise`, wide, { channels, kernel: 3, stride, groups: channels, gain: 1 });
  return convNormRelu(net, `${name}.last`, filtered, { channels, kernel: 1 });
}

/** Channels of the two halves alternate, so that the next split sees something of both. */
function shuffle(net: Network, name: string, x: Feature): Feature {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const halves = net.reshape(`${name}.halves`, x, [batch, 2, channels / 2, height, width]);
  return net.reshape(name, net.transpose(`${name}.transpose`, halves, [0, 2, 1, 3, 4]), x.dims);
}
