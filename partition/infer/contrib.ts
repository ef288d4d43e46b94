/**
 * The operators of other domains that optimizers leave in files (com.microsoft), as far as their shapes follow from the standard ones.
 */
import { same } from './elementwise.ts';
import { fact, type Rule, type Rules } from './fact.ts';
import { matrix } from './matrix.ts';
import { window } from './window.ts';

const like = ['BiasGelu', 'FastGelu', 'QuickGelu', 'Gelu', 'BiasAdd', 'BiasSplitGelu', 'SkipLayerNormalization', 'EmbedLayerNormalization'];

/** Binary on quantized data: A, its scale and zero point, B, its scale and zero point, then those of the result. */
const quantizedPair: Rule = (site) => [
  fact(site.input(0).dtype, site.input(0).dims?.length === site.input(3).dims?.length ? site.input(0).dims : undefined),
];

export const contrib: Rules = {
  ...Object.fromEntries(like.filter((name) => name !== 'EmbedLayerNormalization').map((name) => [name, same])),
  QLinearAdd: quantizedPair,
  QLinearMul: quantizedPair,
  QLinearSigmoid: same,
  QLinearLeakyRelu: same,
  FusedConv: window.Conv!,
  FusedGemm: matrix.Gemm!,
  FusedMatMul: (site) => [fact(site.input(0).dtype, undefined)],
  Attention: (site) => [fact(site.input(0).dtype, undefined)],
};
