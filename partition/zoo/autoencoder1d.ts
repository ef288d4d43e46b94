/**
 * Auto-encoders of vibration windows with a classifier on the code, after the benchmark of Zhao et al., ISA Transactions 107, 2020. How far
 * the reconstruction is from the window tells how unusual the window is, the classifier what it means. 3,511,626 parameters.
 *
 *     window 1024 ─ 1024 ─ 512 ─ 256 ─ 128 ─ 64 ─ code 64 ─┬─ 64 ─ 128 ─ 256 ─ 512 ─ 1024 ─ reconstruction [1, 1, 1024]
 *                                                          └─ logits [1, 10]
 */
import type { Model } from '../model.ts';
import { type Feature, Network } from './network.ts';
import { CLASSES, denseNormRelu, WINDOW } from './vibration.ts';

const CODE = 64;
const encoder = [1024, 512, 256, 128, 64] as const;

/** The code is linear, and the classifier rectifies it. */
export function ae1d(seed: number, classes = CLASSES): Model {
  return autoencoder('ae1d', seed, classes, (net, code) => [code, net.relu('classifier.relu', code)]);
}

/** Sparse (Ng, "Sparse Autoencoder", CS294A lecture notes, 2011): training keeps the mean of each sigmoid of the code small. */
export function sae1d(seed: number, classes = CLASSES): Model {
  return autoencoder('sae1d', seed, classes, (net, code) => {
    const sparse = net.sigmoid('code.sigmoid', code);
    return [sparse, sparse];
  });
}

/** `activated`: of the code, what the decoder and what the classifier read. */
function autoencoder(
  name: string,
  seed: number,
  classes: number,
  activated: (net: Network, code: Feature) => readonly [Feature, Feature],
): Model {
  const net = new Network(name, seed);
  let x = net.flatten('flatten', net.input('input', [1, 1, WINDOW]));
  for (const [index, features] of encoder.entries()) x = denseNormRelu(net, `encoder${index + 1}`, x, features);
  const [decoded, classified] = activated(net, net.linear('code', x, CODE, 1));
  const logits = net.linear('classifier', classified, classes, 1);
  x = decoded;
  for (const [index, features] of encoder.toReversed().entries()) x = denseNormRelu(net, `decoder${index + 1}`, x, features);
  const reconstruction = net.reshape('window', net.linear('decoder6', x, WINDOW, 1), [1, 1, WINDOW]);
  return net.modelOf({ reconstruction, logits });
}
