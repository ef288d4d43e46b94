/**
 * YOLOv3-tiny, the small detector of Redmon, Farhadi, "YOLOv3: An Incremental Improvement", 2018, as in the authors' release, for images of
 * 416×416 and 80 classes. 8,852,366 parameters, 2.78 G multiply-accumulates.
 *
 *     … 256 channels, 26×26 ─┬─ … 1024, 13×13 ─ 256 ─┬─ 512 ─ coarse [1, 255, 13, 13]
 *                            └─────────── concat ────┴─ 128 ─ enlarged ─┐
 *                                           └─ 256 ─ fine [1, 255, 26, 26]
 *
 * The outputs are what the convolutions give: for each of three anchors 4 of a box, 1 that there is an object, 80 of its class.
 */
import type { Model } from '../model.ts';
import { float, text } from './attributes.ts';
import { convNorm } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';

const SLOPE = 0.1;
const PREDICTIONS = 3 * (4 + 1 + 80);

export function yoloTiny(seed: number): Model {
  const net = new Network('yolo-tiny', seed);
  let x = unit(net, 'conv1', net.input('input', [1, 3, 416, 416]), 16, 3);
  for (const [index, channels] of [32, 64, 128, 256].entries()) {
    x = net.maxPool(`pool${index + 1}`, x, { kernel: 2, stride: 2 });
    x = unit(net, `conv${index + 2}`, x, channels, 3);
  }
  const early = x;
  x = unit(net, 'conv6', net.maxPool('pool5', x, { kernel: 2, stride: 2 }), 512, 3);
  // Keeps 13×13: padded below and on the right.
  x = net.maxPool('pool6', x, { kernel: 2, stride: 1, padEnd: 1 });
  const late = unit(net, 'conv8', unit(net, 'conv7', x, 1024, 3), 256, 1);
  const coarse = head(net, 'coarse', unit(net, 'conv9', late, 512, 3));
  const enlarged = doubled(net, 'enlarged', unit(net, 'conv11', late, 128, 1));
  const fine = head(net, 'fine', unit(net, 'conv12', net.concat('concat', [enlarged, early]), 256, 3));
  return net.modelOf({ coarse, fine });
}

function unit(net: Network, name: string, x: Feature, channels: number, kernel: number): Feature {
  const normed = convNorm(net, name, x, { channels, kernel, gain: 2 / (1 + SLOPE ** 2) });
  return net.node(`${name}.leaky`, 'LeakyRelu', [normed.name], [float('alpha', SLOPE)], normed.dims);
}

function head(net: Network, name: string, x: Feature): Feature {
  return net.conv(`${name}.conv`, x, { channels: PREDICTIONS, kernel: 1, bias: true, gain: 1 });
}

/** Every element four times. Sizes and not factors, which would be floats that look like parameters. */
function doubled(net: Network, name: string, x: Feature): Feature {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const dims = [batch, channels, 2 * height, 2 * width];
  const attributes = [text('mode', 'nearest'), text('coordinate_transformation_mode', 'asymmetric'), text('nearest_mode', 'floor')];
  return net.node(name, 'Resize', [x.name, '', '', net.integers(`${name}.sizes`, dims)], attributes, dims);
}
