/**
 * U-Net: Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015. Four levels down and
 * up, with half the paper's channels, padded convolutions and batch normalization as Buda et al. have it (Computers in Biology and
 * Medicine 109, 2019): images of 3×256×256 to a mask of 1×256×256. 7,763,041 parameters.
 *
 *     32 ─┬────────────────────────────────────────────── concat ─ 32 ─ mask
 *        64 ─┬──────────────────────────────── concat ─ 64 ┘                       what is to the right of a ┬ crosses every cut in between
 *          128 ─┬──────────────── concat ─ 128 ┘
 *              256 ─┬── concat ─ 256 ┘
 *                  512 ┘
 */
import type { Model } from '../model.ts';
import { ints } from './attributes.ts';
import { convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

const levels = [32, 64, 128, 256] as const;

export function unet(seed: number): Model {
  const net = new Network('unet', seed);
  let x = net.input('input', [1, 3, 256, 256]);
  const skipped: Feature[] = [];
  for (const [index, channels] of levels.entries()) {
    const made = pair(net, `encoder${index + 1}`, x, channels);
    skipped.push(made);
    x = net.maxPool(`pool${index + 1}`, made, { kernel: 2, stride: 2 });
  }
  x = pair(net, 'bottleneck', x, 512);
  for (const [index, channels] of [...levels.entries()].reverse()) {
    const name = `decoder${index + 1}`;
    x = net.concat(`${name}.concat`, [doubled(net, `${name}.up`, x, channels), skipped[index]!]);
    x = pair(net, name, x, channels);
  }
  return net.model(net.sigmoid('sigmoid', net.conv('conv', x, { channels: 1, kernel: 1, bias: true, gain: 1 })), 'mask');
}

function pair(net: Network, name: string, x: Feature, channels: number): Feature {
  return convNormRelu(net, `${name}.2`, convNormRelu(net, `${name}.1`, x, { channels, kernel: 3 }), { channels, kernel: 3 });
}

/** Twice the height and width: each element becomes 2×2 that don't overlap. */
function doubled(net: Network, name: string, x: Feature, channels: number): Feature {
  const [batch, inputs, height, width] = x.dims as [number, number, number, number];
  const weights = [
    net.weights(`${name}.weight`, [inputs, channels, 2, 2], 0, Math.sqrt(1 / inputs)),
    net.weights(`${name}.bias`, [channels], 0, 0.02),
  ];
  const attributes = [ints('kernel_shape', [2, 2]), ints('strides', [2, 2])];
  return net.node(name, 'ConvTranspose', [x.name, ...weights], attributes, [batch, channels, 2 * height, 2 * width]);
}
