/**
 * A small decoder of the GPT-2 type (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019) on bytes: 6 blocks of 6
 * heads, 384 features, 256 tokens, each one of 256 byte values. The table of embeddings is the head's matrix, too (tied), so the first and
 * the last stage of a split both have a copy. 10,844,160 parameters, 3.05 G multiply-accumulates for 256 positions.
 */
import type { Model } from '../model.ts';
import { int } from './attributes.ts';
import { Network } from './network.ts';
import { layerNorm, transformerBlock } from './transformer.ts';

const FEATURES = 384;
const TOKENS = 256;
const VOCABULARY = 256;
const EPSILON = 1e-5;

/** `ids` int64 [1, 256] → `logits` [1, 256, 256]: for each position the scores of the byte that comes next. */
export function gptTiny(seed: number): Model {
  const net = new Network('gpt-tiny', seed);
  const ids = net.tokens('ids', [1, TOKENS]);
  const table = net.weights('wte', [VOCABULARY, FEATURES], 0, 0.05);
  const positions = net.weights('wpe', [1, TOKENS, FEATURES], 0, 0.05);
  let x = net.node('embedding', 'Gather', [table, ids.name], [int('axis', 0)], [1, TOKENS, FEATURES]);
  x = net.add('embedded', x, { name: positions, dims: x.dims });
  for (let block = 0; block < 6; block++) x = transformerBlock(net, `h.${block}`, x, { heads: 6, epsilon: EPSILON, causal: true });
  const rows = net.reshape('rows', layerNorm(net, 'ln_f', x, EPSILON), [TOKENS, FEATURES]);
  const scores = net.node('head', 'Gemm', [rows.name, table], [int('transB', 1)], [TOKENS, VOCABULARY]);
  return net.model(net.reshape('scores', scores, [1, TOKENS, VOCABULARY]));
}
