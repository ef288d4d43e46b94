/** A multilayer perceptron for 28 × 28 images, 784–512–256–128–10 with rectifiers. 567,434 parameters. */
import type { Model } from '../model.ts';
import { Network } from './network.ts';

const hidden = [512, 256, 128] as const;

export function mlp(seed: number): Model {
  const net = new Network('mlp', seed);
  let x = net.input('input', [1, 784]);
  for (const [index, features] of hidden.entries()) {
    const name = `fc${index + 1}`;
    x = net.relu(`${name}.relu`, net.linear(name, x, features));
  }
  return net.model(net.linear('fc4', x, 10, 1));
}
