/**
 * Batch normalization, with statistics that stand still or, in training mode, with those of the batch.
 *
 *     x̂ = (x − μ) / √(σ² + ε),  y = x̂ · gamma + beta       ∂beta = Σ ∂y       ∂gamma = Σ ∂y · x̂
 *
 *     they stand still:  ∂x = gamma / √(σ² + ε) · ∂y
 *     of the batch:      ∂x = gamma / √(σ² + ε) · (∂y − (∂beta + x̂ · ∂gamma) / n)           n numbers in each channel
 *
 * (Ioffe, Szegedy, "Batch Normalization", ICML 2015, section 3.) What is large is touched as few times as can be: the multiple of x̂ plus a number
 * for each channel is a BatchNormalization itself.
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { floatAttribute, intAttribute } from '../../attribute.ts';
import { float } from '../../zoo/attributes.ts';
import { add, divide, map, multiply, plus, reduceSum, reshape, scale, subtract } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRules, GradientSite } from '../rule.ts';

function batchNorm(site: GradientSite): readonly (Value | undefined)[] {
  const { w, gradient } = site;
  const ofBatch = intAttribute(site.node.proto, 'training_mode', 0) !== 0;
  if (ofBatch && floatAttribute(site.node.proto, 'momentum') !== 0) throw site.unsupported('training_mode; rewrite it for training first');
  // In training mode, without a memory, they have no influence.
  if (!ofBatch && (site.wants(3) || site.wants(4))) throw site.unsupported('its running statistics are no parameters');
  const [x, gamma] = [site.input(0), site.input(1)];
  const [mean, variance] = ofBatch
    ? [1, 2].map((position) => ({ ...gamma, name: site.node.proto.output[position]! }))
    : [3, 4].map((position) => site.input(position));
  const epsilon = floatAttribute(site.node.proto, 'epsilon') ?? 1e-5;
  const channels = (each: Value) => reshape(w, each, [gamma.dims[0]!, ...x.dims.slice(2).map(() => 1)]);
  const deviation = map(w, 'Sqrt', plus(w, variance!, epsilon));
  const summed = (each: Value) => {
    const axes = each.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return reshape(w, reduceSum(w, each, axes), gamma.dims);
  };
  const needsSums = ofBatch && site.wants(0);
  const centered = () => subtract(w, x, channels(mean!));
  const byGamma = site.wants(1) || needsSums ? divide(w, summed(multiply(w, gradient, centered())), deviation) : undefined;
  const byBeta = site.wants(2) || needsSums ? summed(gradient) : undefined;
  if (!site.wants(0)) return [undefined, byGamma, byBeta];

  const slope = divide(w, gamma, deviation);
  const direct = multiply(w, gradient, channels(slope));
  if (!ofBatch) return [direct, byGamma, byBeta];
  const share = scale(w, slope, -slope.dims[0]! / elementCount(x.dims));
  const [factor, summand] = [multiply(w, share, byGamma!), multiply(w, share, byBeta!)];
  const common = w.node('BatchNormalization', [x, factor, summand, mean!, variance!], x.dims, [float('epsilon', epsilon)]);
  return [add(w, direct, common), byGamma, byBeta];
}

export const normalization: GradientRules = { BatchNormalization: batchNorm };
