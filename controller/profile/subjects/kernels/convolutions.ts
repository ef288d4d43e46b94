/** Made-up convolutions: dense, depthwise, in groups, of sequences. Most of them end in an activation function, which runtimes fuse. */
import type { Random } from '../../../../mesh/random.ts';
import type { ConvOptions, Feature, Network } from '../../../../partition/zoo/network.ts';
import { channelsOf, type DrawnKernel, flowing, logInt, oneOf } from './draw.ts';

export function conv(random: Random): DrawnKernel {
  const [inputs, channels] = [channelsOf(random, 3, 1024), channelsOf(random, 3, 1024)];
  return drawn(random, inputs, channels, 1, squared(logInt(random, 7, 224)), oneOf(random, [1, 1, 3, 3, 5, 7]));
}

export function depthwise(random: Random): DrawnKernel {
  const channels = channelsOf(random, 8, 1280);
  return drawn(random, channels, channels, channels, squared(logInt(random, 7, 112)), oneOf(random, [3, 3, 5, 7]));
}

export function grouped(random: Random): DrawnKernel {
  const groups = logInt(random, 2, 32);
  const [inputs, channels] = [groups * logInt(random, 2, 32), groups * logInt(random, 2, 32)];
  return drawn(random, inputs, channels, groups, squared(logInt(random, 7, 112)), oneOf(random, [1, 3, 3, 5]));
}

export function conv1d(random: Random): DrawnKernel {
  const [inputs, channels] = [channelsOf(random, 1, 512), channelsOf(random, 4, 512)];
  return drawn(random, inputs, channels, 1, [logInt(random, 16, 2048)], oneOf(random, [1, 3, 5, 7, 15]));
}

/** A rectifier costs nothing, whatever else goes over the result once more. */
const activations = ['none', 'none', 'relu', 'relu6', 'relu6', 'sigmoid'] as const;

function drawn(random: Random, inputs: number, channels: number, groups: number, spatial: readonly number[], kernel: number): DrawnKernel {
  const stride = oneOf(random, [1, 1, 2]);
  const activation = oneOf(random, activations);
  const pad = Math.floor(kernel / 2);
  const options: ConvOptions = { channels, kernel, stride, pad, groups, bias: true };
  const weights = channels * (inputs / groups) * kernel ** spatial.length;
  const positions = spatial.reduce((product, size) => product * (Math.floor((size + 2 * pad - kernel) / stride) + 1), 1);
  return {
    work: weights * positions,
    weights,
    build: (net: Network, name: string): Feature => {
      const made = net.conv(name, flowing(net, `${name}.x`, [1, inputs, ...spatial]), options);
      return activation === 'none' ? made : net[activation](`${name}.${activation}`, made);
    },
  };
}

function squared(size: number): readonly number[] {
  return [size, size];
}
