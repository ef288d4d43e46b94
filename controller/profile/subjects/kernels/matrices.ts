/** Made-up products of matrices: layers of a classifier, attention, recurrence. */
import type { Random } from '../../../../mesh/random.ts';
import { int } from '../../../../partition/zoo/attributes.ts';
import { channelsOf, type DrawnKernel, flowing, logInt, oneOf } from './draw.ts';

/** Mostly one row, as frames come one by one. */
export function gemm(random: Random): DrawnKernel {
  const rows = random.next() < 0.7 ? 1 : logInt(random, 2, 64);
  const [inputs, features] = [channelsOf(random, 8, 4096), channelsOf(random, 8, 4096)];
  const activation = oneOf(random, ['none', 'relu', 'tanh'] as const);
  return {
    work: rows * inputs * features,
    weights: inputs * features,
    build: (net, name) => {
      const made = net.linear(name, flowing(net, `${name}.x`, [rows, inputs]), features);
      return activation === 'none' ? made : net[activation](`${name}.${activation}`, made);
    },
  };
}

/** Of tokens with weights, or of two that flow, in as many pairs as attention has heads. */
export function matmul(random: Random): DrawnKernel {
  const tokens = logInt(random, 4, 256);
  const [inner, outer] = [channelsOf(random, 16, 1024), channelsOf(random, 16, 1024)];
  if (random.next() < 0.5) {
    return {
      work: tokens * inner * outer,
      weights: inner * outer,
      build: (net, name) => {
        const x = flowing(net, `${name}.x`, [1, tokens, inner]);
        return net.node(name, 'MatMul', [x.name, net.weights(`${name}.weight`, [inner, outer], 0, 0.05)], [], [1, tokens, outer]);
      },
    };
  }
  const heads = logInt(random, 1, 16);
  return {
    work: heads * tokens * inner * outer,
    weights: 0,
    build: (net, name) => {
      const a = flowing(net, `${name}.a`, [1, heads, tokens, inner]);
      const b = flowing(net, `${name}.b`, [1, heads, inner, outer]);
      return net.node(name, 'MatMul', [a.name, b.name], [], [1, heads, tokens, outer]);
    },
  };
}

/** [steps, batch, features] → states of all steps. */
export function lstm(random: Random): DrawnKernel {
  const steps = logInt(random, 4, 64);
  const [features, hidden] = [channelsOf(random, 8, 256), oneOf(random, [8, 16, 32, 64, 128])];
  return {
    work: steps * 4 * hidden * (features + hidden),
    weights: 4 * hidden * (features + hidden),
    build: (net, name) => {
      const x = flowing(net, `${name}.x`, [steps, 1, features]);
      const weights = [
        net.weights(`${name}.weight`, [1, 4 * hidden, features], 0, 0.05),
        net.weights(`${name}.recurrence`, [1, 4 * hidden, hidden], 0, 0.05),
      ];
      return net.node(name, 'LSTM', [x.name, ...weights], [int('hidden_size', hidden)], [steps, 1, 1, hidden]);
    },
  };
}
