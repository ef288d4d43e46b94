/**
 * Transformer blocks on tokens [1, tokens, features]: Vaswani et al., "Attention Is All You Need", NIPS 2017, normalized before each
 * branch as GPT-2 and ViT do.
 *
 *     x ─┬─ norm ─ q, k, v ─ softmax(q·kᵀ/√d)·v of each head ─ project ─ + ─┬─ norm ─ ×4 ─ GELU ─ ÷4 ─ + ─
 *        └──────────────────────────────────────────────────────────────────┘ └────────────────────────┘
 */
import { float, int } from './attributes.ts';
import type { Feature, Network } from './network.ts';

export interface BlockOptions {
  readonly heads: number;
  /** What the normalizations add to the variance. */
  readonly epsilon: number;
  /** Each token sees itself and those before it only. */
  readonly causal: boolean;
}

/** Of the features between the two products of a feed-forward branch. */
const EXPANSION = 4;

export function transformerBlock(net: Network, name: string, x: Feature, options: BlockOptions): Feature {
  const attended = attention(net, `${name}.attn`, layerNorm(net, `${name}.norm1`, x, options.epsilon), options);
  const y = net.add(`${name}.add1`, x, attended);
  return net.add(`${name}.add2`, y, feedForward(net, `${name}.mlp`, layerNorm(net, `${name}.norm2`, y, options.epsilon)));
}

export function layerNorm(net: Network, name: string, x: Feature, epsilon: number): Feature {
  const features = x.dims.at(-1)!;
  const weights = [net.weights(`${name}.weight`, [features], 1, 0.05), net.weights(`${name}.bias`, [features], 0, 0.05)];
  return net.node(name, 'LayerNormalization', [x.name, ...weights], [int('axis', -1), float('epsilon', epsilon)], x.dims);
}

function attention(net: Network, name: string, x: Feature, { heads, causal }: BlockOptions): Feature {
  const [batch, tokens, features] = x.dims as [number, number, number];
  const size = features / heads;
  const parts = net.split(`${name}.split`, project(net, `${name}.qkv`, x, 3 * features), 3, 2);
  const [q, k, v] = parts.map((part, index) => {
    const of = `${name}.${'qkv'[index]}`;
    const split = net.reshape(`${of}.heads`, part, [batch, tokens, heads, size]);
    // Keys come transposed for the product.
    return net.transpose(of, split, index === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  }) as [Feature, Feature, Feature];
  const products = multiplied(net, `${name}.scores`, scaled(net, `${name}.scaled`, q, 1 / Math.sqrt(size)), k);
  const scores = causal ? withoutFuture(net, `${name}.causal`, products) : products;
  const shares = net.node(`${name}.softmax`, 'Softmax', [scores.name], [int('axis', -1)], scores.dims);
  const mixed = net.transpose(`${name}.transpose`, multiplied(net, `${name}.mixed`, shares, v), [0, 2, 1, 3]);
  return project(net, `${name}.proj`, net.reshape(`${name}.joined`, mixed, x.dims), features);
}

function feedForward(net: Network, name: string, x: Feature): Feature {
  const features = x.dims.at(-1)!;
  const wide = gelu(net, `${name}.gelu`, project(net, `${name}.fc1`, x, EXPANSION * features));
  return project(net, `${name}.fc2`, wide, features);
}

/** Every token times a matrix, plus a bias. */
function project(net: Network, name: string, x: Feature, features: number): Feature {
  const inputs = x.dims.at(-1)!;
  const weight = net.weights(`${name}.weight`, [inputs, features], 0, Math.sqrt(1 / inputs));
  const product = net.node(name, 'MatMul', [x.name, weight], [], [...x.dims.slice(0, -1), features]);
  const bias = net.weights(`${name}.bias`, [features], 0, 0.02);
  return net.node(`${name}.add`, 'Add', [product.name, bias], [], product.dims);
}

/** x · Φ(x), exactly: x · (1 + erf(x / √2)) / 2. An operator of its own only since opset 20. */
function gelu(net: Network, name: string, x: Feature): Feature {
  const erf = net.node(`${name}.erf`, 'Erf', [scaled(net, `${name}.scaled`, x, Math.SQRT1_2).name], [], x.dims);
  const above = net.node(`${name}.above`, 'Add', [erf.name, net.number(`${name}.one`, 1)], [], x.dims);
  return scaled(net, name, net.multiply(`${name}.multiply`, x, above), 0.5);
}

function scaled(net: Network, name: string, x: Feature, factor: number): Feature {
  return net.node(name, 'Mul', [x.name, net.number(`${name}.factor`, factor)], [], x.dims);
}

function multiplied(net: Network, name: string, a: Feature, b: Feature): Feature {
  return net.node(name, 'MatMul', [a.name, b.name], [], [...a.dims.slice(0, -1), b.dims.at(-1)!]);
}

/** A mask of true and false, not of numbers to add: it's no parameter, and a quarter of the size. */
function withoutFuture(net: Network, name: string, scores: Feature): Feature {
  const tokens = scores.dims.at(-1)!;
  const past = net.mask(`${name}.past`, [tokens, tokens], (index) => index % tokens <= Math.floor(index / tokens));
  return net.node(name, 'Where', [past, scores.name, net.number(`${name}.never`, Number.NEGATIVE_INFINITY)], [], scores.dims);
}
