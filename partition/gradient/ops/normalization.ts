/**
 * Normalization with statistics that stand still: each channel is scaled and shifted. (With the statistics of the batch, as in training, it
 * is rewritten into arithmetic first, see `rewrites/batch-norm.ts`.)
 *
 *     y = (x − mean) · gamma / √(var + ε) + beta
 */
import { floatAttribute, intAttribute } from '../../attribute.ts';
import { divide, map, multiply, plus, reduceSum, reshape, subtract } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRules, GradientSite } from '../rule.ts';

function batchNorm(site: GradientSite): readonly (Value | undefined)[] {
  const { w, gradient } = site;
  if (intAttribute(site.node.proto, 'training_mode', 0) !== 0) throw site.unsupported('training_mode; rewrite it for training first');
  if (site.wants(3) || site.wants(4)) throw site.unsupported('its running statistics are no parameters');
  const channels = [1, site.input(1).dims[0]!, ...gradient.dims.slice(2).map(() => 1)];
  const perChannel = (position: number) => reshape(w, site.input(position), channels);
  const summed = (x: Value) => {
    const axes = x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return reshape(w, reduceSum(w, x, axes), [channels[1]!]);
  };
  const deviation = map(w, 'Sqrt', plus(w, perChannel(4), floatAttribute(site.node.proto, 'epsilon') ?? 1e-5));
  const normalized = () => divide(w, subtract(w, site.input(0), perChannel(3)), deviation);
  return [
    site.wants(0) ? multiply(w, gradient, divide(w, perChannel(1), deviation)) : undefined,
    site.wants(1) ? summed(multiply(w, gradient, normalized())) : undefined,
    site.wants(2) ? summed(gradient) : undefined,
  ];
}

export const normalization: GradientRules = { BatchNormalization: batchNorm };
