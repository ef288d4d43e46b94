/**
 * A recurrent classifier of vibration windows, after the benchmark of Zhao et al., ISA Transactions 107, 2020: two convolutions make 25
 * steps of 32 features of the window, two bidirectional LSTM layers (Hochreiter, Schmidhuber, Neural Computation 9, 1997) read them.
 * 971,210 parameters.
 *
 * The benchmark pools 512 elements to 25 with windows of uneven sizes; here they are 32 long and start every 20.
 */
import type { Model } from '../model.ts';
import { int, text } from './attributes.ts';
import { convNormRelu } from './conv-norm.ts';
import { type Feature, Network } from './network.ts';
import { CLASSES, WINDOW } from './vibration.ts';

const HIDDEN = 64;

export function bilstm1d(seed: number, classes = CLASSES): Model {
  const net = new Network('bilstm1d', seed);
  let x = convNormRelu(net, 'conv1', net.input('input', [1, 1, WINDOW]), { channels: 16, kernel: 3, bias: true });
  x = convNormRelu(net, 'conv2', net.maxPool('pool1', x, { kernel: 2, stride: 2 }), { channels: 32, kernel: 3, bias: true });
  x = net.transpose('steps', net.maxPool('pool2', x, { kernel: 32, stride: 20 }), [2, 0, 1]);
  x = bidirectional(net, 'lstm2', bidirectional(net, 'lstm1', x));
  x = net.flatten('flatten', net.transpose('batch', net.tanh('tanh', x), [1, 0, 2]));
  x = net.relu('fc1.relu', net.linear('fc1', x, 4 * HIDDEN));
  return net.model(net.linear('fc2', x, classes, 1));
}

/** [steps, batch, features] → [steps, batch, forward and backward states]. Without biases, as the benchmark has it. */
function bidirectional(net: Network, name: string, x: Feature): Feature {
  const [steps, batch, features] = x.dims as [number, number, number];
  // Four gates in two directions; ONNX wants the directions in front.
  const weights = [
    net.weights(`${name}.weight`, [2, 4 * HIDDEN, features], 0, Math.sqrt(1 / features)),
    net.weights(`${name}.recurrence`, [2, 4 * HIDDEN, HIDDEN], 0, Math.sqrt(1 / HIDDEN)),
  ];
  const attributes = [text('direction', 'bidirectional'), int('hidden_size', HIDDEN)];
  const states = net.node(name, 'LSTM', [x.name, ...weights], attributes, [steps, 2, batch, HIDDEN]);
  return net.reshape(`${name}.joined`, net.transpose(`${name}.transpose`, states, [0, 2, 1, 3]), [steps, batch, 2 * HIDDEN]);
}
