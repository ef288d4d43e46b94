/**
 * EfficientNet-B0: Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, table 1; squeeze and
 * excitation after Hu et al., CVPR 2018. 5,288,548 parameters, 0.39 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { type ConvNormOptions, convNorm } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

/** Expansion, kernel, stride of the first, output channels, blocks. */
const groups = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

/** Swish lets less through than a rectifier: of a normal input 0.36 of the variance instead of half. */
const SWISH_GAIN = 2.8;
/** Keeps the factors of an untrained excitation near a half whatever comes in, … */
const EXCITATION_GAIN = 0.1;
/** … and this is what follows from a half. */
const EXCITED_GAIN = 4 * SWISH_GAIN;
/** Scale of the last normalization of a residual branch: keeps the sum of many untrained branches from growing. */
const BRANCH_SCALE = 0.3;

export function efficientnetB0(seed: number): Model {
  const net = new Network('efficientnet-b0', seed);
  let x = convNormSwish(net, 'features.0', net.input('input', [1, 3, 224, 224]), { channels: 32, kernel: 3, stride: 2 });
  for (const [group, [expansion, kernel, firstStride, channels, blocks]] of groups.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? firstStride : 1;
      x = invertedResidual(net, `features.${group + 1}.${block}`, x, { expansion, kernel, stride, channels });
    }
  }
  x = convNormSwish(net, 'features.8', x, { channels: 1280, kernel: 1, gain: 1 });
  x = net.flatten('flatten', net.globalAveragePool('avgpool', x));
  return net.model(net.linear('classifier', x, 1000, SWISH_GAIN));
}

interface BlockOptions {
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
}

function invertedResidual(net: Network, name: string, x: Feature, { expansion, kernel, stride, channels }: BlockOptions): Feature {
  const inputs = x.dims[1]!;
  const wide = inputs * expansion;
  let branch = x;
  if (expansion !== 1) branch = convNormSwish(net, `${name}.expand`, branch, { channels: wide, kernel: 1, gain: 1 });
  branch = convNormSwish(net, `${name}.depthwise`, branch, { channels: wide, kernel, stride, groups: wide });
  // The paper's ratio of 1/4 is of the channels that enter the block, not of the expanded ones.
  branch = excited(net, `${name}.se`, branch, inputs / 4);
  const residual = stride === 1 && inputs === channels;
  branch = convNorm(net, `${name}.project`, branch, { channels, kernel: 1, gain: EXCITED_GAIN, scale: residual ? BRANCH_SCALE : 1 });
  return residual ? net.add(`${name}.add`, branch, x) : branch;
}

/** Each channel times a factor between 0 and 1 that depends on the means of all channels. */
function excited(net: Network, name: string, x: Feature, squeezed: number): Feature {
  let factor = net.globalAveragePool(`${name}.pool`, x);
  factor = net.swish(`${name}.swish`, net.conv(`${name}.squeeze`, factor, { channels: squeezed, kernel: 1, bias: true }));
  factor = net.conv(`${name}.excite`, factor, { channels: x.dims[1]!, kernel: 1, bias: true, gain: EXCITATION_GAIN });
  return net.multiply(`${name}.multiply`, x, net.sigmoid(`${name}.sigmoid`, factor));
}

function convNormSwish(net: Network, name: string, x: Feature, options: ConvNormOptions): Feature {
  return net.swish(`${name}.swish`, convNorm(net, name, x, { gain: SWISH_GAIN, ...options }));
}
