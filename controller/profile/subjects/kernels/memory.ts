/** Made-up kernels that hardly compute: what they cost is reading and writing. */
import type { Random } from '../../../../mesh/random.ts';
import { float, int, text } from '../../../../partition/zoo/attributes.ts';
import type { Feature, Network } from '../../../../partition/zoo/network.ts';
import { channelsOf, type DrawnKernel, flowing, logInt, oneOf } from './draw.ts';

/** Elements of one tensor. */
const ELEMENTS_MAX = 2 ** 22;

export function pool(random: Random): DrawnKernel {
  const dims = random.next() < 0.7 ? image(random) : [1, channelsOf(random, 1, 512), logInt(random, 16, 2048)];
  const [kernel, stride] = [oneOf(random, [2, 3, 3, 5]), oneOf(random, [1, 2, 2])];
  const kind = oneOf(random, ['max', 'average', 'global'] as const);
  const window = { kernel, stride, pad: Math.floor(kernel / 2) };
  return moving(dims, (net, name, x) => {
    if (kind === 'global') return net.globalAveragePool(name, x);
    return kind === 'max' ? net.maxPool(name, x, window) : net.averagePool(name, x, window);
  });
}

export function elementwise(random: Random): DrawnKernel {
  const dims = image(random);
  const kind = oneOf(random, ['add', 'multiply', 'scale', 'relu', 'sigmoid', 'tanh'] as const);
  return moving(dims, (net, name, x) => {
    if (kind === 'relu') return net.relu(name, x);
    if (kind === 'sigmoid') return net.sigmoid(name, x);
    if (kind === 'tanh') return net.tanh(name, x);
    // A factor for each channel, as attention to channels has it, or one for each element.
    const other = flowing(net, `${name}.other`, kind === 'scale' ? [1, dims[1]!, 1, 1] : dims);
    return kind === 'add' ? net.add(name, x, other) : net.multiply(name, x, other);
  });
}

/** Over the features of tokens. */
export function normalization(random: Random): DrawnKernel {
  const dims = [1, logInt(random, 1, 256), channelsOf(random, 16, 2048)];
  const isSoftmax = random.next() < 0.5;
  return moving(dims, (net, name, x) => {
    if (isSoftmax) return net.node(name, 'Softmax', [x.name], [int('axis', -1)], dims);
    const weights = [net.weights(`${name}.weight`, [dims[2]!], 1, 0.05), net.weights(`${name}.bias`, [dims[2]!], 0, 0.05)];
    return net.node(name, 'LayerNormalization', [x.name, ...weights], [int('axis', -1), float('epsilon', 1e-5)], dims);
  });
}

export function movement(random: Random): DrawnKernel {
  const dims = image(random);
  const kind = oneOf(random, ['concat', 'transpose', 'resize'] as const);
  const order = oneOf(random, [
    [0, 2, 3, 1],
    [0, 2, 1, 3],
    [0, 3, 1, 2],
  ]);
  return moving(dims, (net, name, x) => {
    if (kind === 'concat') return net.concat(name, [x, flowing(net, `${name}.other`, dims)]);
    return kind === 'transpose' ? net.transpose(name, x, order) : resized(net, name, x);
  });
}

function resized(net: Network, name: string, x: Feature): Feature {
  const [batch, channels, height, width] = x.dims as [number, number, number, number];
  const dims = [batch, channels, 2 * height, 2 * width];
  const attributes = [text('mode', 'nearest'), text('coordinate_transformation_mode', 'asymmetric'), text('nearest_mode', 'floor')];
  return net.node(name, 'Resize', [x.name, '', '', net.integers(`${name}.sizes`, dims)], attributes, dims);
}

function moving(dims: readonly number[], build: (net: Network, name: string, x: Feature) => Feature): DrawnKernel {
  const elements = dims.reduce((product, dim) => product * dim, 1);
  return { work: elements, weights: 0, build: (net, name) => build(net, name, flowing(net, `${name}.x`, dims)) };
}

/** [1, channels, height, width] */
function image(random: Random): readonly number[] {
  for (;;) {
    const [channels, size] = [channelsOf(random, 3, 1024), logInt(random, 4, 224)];
    if (channels * size * size <= ELEMENTS_MAX) return [1, channels, size, size];
  }
}
