/** Convolution and batch normalization, and the rectifier after them: the brick most networks after 2015 are made of. */
import type { ConvOptions, Feature, Network } from './network.ts';

export interface ConvNormOptions extends ConvOptions {
  /** Mean of gamma. Default 1. */
  readonly scale?: number;
  /** What the normalization adds to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/** Padded such that stride 1 keeps the size, unless `pad` says otherwise; a list of kernel sizes needs its `pad`. */
export function convNorm(net: Network, name: string, x: Feature, options: ConvNormOptions): Feature {
  const pad = typeof options.kernel === 'number' ? (options.kernel - 1) / 2 : 0;
  return net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, x, { pad, ...options }), options.scale, options.epsilon);
}

export function convNormRelu(net: Network, name: string, x: Feature, options: ConvNormOptions): Feature {
  return net.relu(`${name}.relu`, convNorm(net, name, x, options));
}
