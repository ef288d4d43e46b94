/**
 * LeNet-5 with full connections between S2 and C3: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.
 * 61,706 parameters, 0.42 M multiply-accumulates.
 */
import type { Model } from '../model.ts';
import { Network } from './network.ts';

export function lenet(seed: number): Model {
  const net = new Network('lenet', seed);
  let x = net.input('input', [1, 1, 32, 32]);
  x = net.tanh('c1.tanh', net.conv('c1', x, { channels: 6, kernel: 5, bias: true, gain: 1 }));
  x = net.averagePool('s2', x, { kernel: 2, stride: 2 });
  x = net.tanh('c3.tanh', net.conv('c3', x, { channels: 16, kernel: 5, bias: true, gain: 1 }));
  x = net.averagePool('s4', x, { kernel: 2, stride: 2 });
  x = net.flatten('flatten', x);
  x = net.tanh('c5.tanh', net.linear('c5', x, 120, 1));
  x = net.tanh('f6.tanh', net.linear('f6', x, 84, 1));
  return net.model(net.linear('output', x, 10, 1));
}
