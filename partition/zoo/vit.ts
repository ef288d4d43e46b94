/**
 * ViT-Ti/16: Dosovitskiy et al., "An Image Is Worth 16x16 Words", ICLR 2021, in the size that Touvron et al., "Training Data-Efficient
 * Image Transformers", ICML 2021, call Ti. 5,717,416 parameters, 1.26 G multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { int } from './attributes.ts';
import { Network } from './network.ts';
import { layerNorm, transformerBlock } from './transformer.ts';

const FEATURES = 192;
const PATCH = 16;
const EPSILON = 1e-6;

export function vitTiny(seed: number): Model {
  const net = new Network('vit-tiny', seed);
  const image = net.input('input', [1, 3, 224, 224]);
  const patches = net.conv('patch_embed', image, { channels: FEATURES, kernel: PATCH, stride: PATCH, bias: true, gain: 1 });
  const count = (224 / PATCH) ** 2;
  const words = net.transpose('words', net.reshape('patches', patches, [1, FEATURES, count]), [0, 2, 1]);
  const classToken = { name: net.weights('cls_token', [1, 1, FEATURES], 0, 0.02), dims: [1, 1, FEATURES] };
  let x = net.concat('tokens', [classToken, words]);
  x = net.add('embedded', x, { name: net.weights('pos_embed', x.dims, 0, 0.02), dims: x.dims });
  for (let block = 0; block < 12; block++) {
    x = transformerBlock(net, `blocks.${block}`, x, { heads: 3, epsilon: EPSILON, causal: false });
  }
  const normed = layerNorm(net, 'norm', x, EPSILON);
  const first = net.node('class', 'Gather', [normed.name, net.integers('class.index', 0)], [int('axis', 1)], [1, FEATURES]);
  return net.model(net.linear('head', first, 1000, 1));
}
